package io.gatehouse.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.core.image.ImageHints.Ladder;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageHintsTest {

  private static final Set<ImageFormat> ALL = EnumSet.allOf(ImageFormat.class);

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8 | image/avif,image/webp
      image/webp,image/avif | image/avif,image/webp
      IMAGE/WEBP | image/webp
      image/jxl , image/webp;q=0.5 | image/webp,image/jxl
      image/webp;q=0 | ''
      image/webp; q=0.000 | ''
      image/webp;q=x | ''
      image/webp;foo=1;q=0.1 | image/webp
      image/* | ''
      */* | ''
      image/webpx | ''
      ,, | ''
      """)
  void of_accept_remains_what_makes_a_difference(String accept, String forwarded) {
    assertThat(hints(accept, null, null).accept()).isEqualTo(forwarded);
  }

  @Test
  void formats_that_are_not_offered_are_not_forwarded() {
    ImageHints hints = ImageHints.of(Optional.of("image/avif,image/webp"), Optional.empty(), Optional.empty(),
        Set.of(ImageFormat.WEBP), ImageHints.LADDER);

    assertThat(hints.accept()).isEqualTo("image/webp");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1.0, 1", "1.25, 1.5", "1.5, 1.5", "1.50001, 2", "2.625, 3", "4, 4", "5, 4", "8, 4",
      "8.1, ''", "0, ''", "-1, ''", "NaN, ''", "x, ''", "1e1, ''"})
  void dpr_is_rounded_up_to_a_step(String sent, String forwarded) {
    assertThat(hints(null, sent, null).dprField()).isEqualTo(forwarded);
  }

  @ParameterizedTest
  @CsvSource({"1, 320", "320, 320", "321, 480", "4096, 4096", "100000, 4096",
      "0, ''", "-5, ''", "1.5, ''", "99999999999, ''"})
  void width_is_rounded_up_to_a_step(String sent, String forwarded) {
    assertThat(hints(null, null, sent).widthField()).isEqualTo(forwarded);
  }

  @Test
  void the_key_is_equal_for_clients_that_get_the_same_picture() {
    ImageHints one = hints("image/webp,image/avif;q=0.9,*/*", "1.9", "600");
    ImageHints other = hints("image/avif,image/webp", "2", "640");

    assertThat(one).isEqualTo(other);
    assertThat(one.key()).isEqualTo("image/avif,image/webp|2|640");
    assertThat(ImageHints.NONE.key()).isEqualTo("||");
  }

  @Test
  void a_ladder_ascends() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Ladder(List.of(1.0, 1.0), List.of(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Ladder(List.of(1.0), List.of(2, 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Ladder(List.of(0.0), List.of(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Ladder(List.of(9.0), List.of(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Ladder(List.of(), List.of(1)));
  }

  private static ImageHints hints(String accept, String dpr, String width) {
    return ImageHints.of(Optional.ofNullable(accept), Optional.ofNullable(dpr), Optional.ofNullable(width), ALL,
        ImageHints.LADDER);
  }
}

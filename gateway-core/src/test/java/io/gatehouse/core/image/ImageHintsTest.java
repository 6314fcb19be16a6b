package io.gatehouse.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.core.image.ImageHints.Ladder;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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
    ImageHints hints = ImageHints.of(List.of("image/avif", "image/webp"), List.of(), List.of(),
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
  void clients_that_get_the_same_picture_say_the_same() {
    ImageHints one = hints("image/webp,image/avif;q=0.9,*/*", "1.9", "600");
    ImageHints other = hints("image/avif,image/webp", "2", "640");

    assertThat(one).isEqualTo(other);
  }

  @Test
  void of_two_fields_the_first_counts_that_is_a_hint() {
    ImageHints hints = ImageHints.of(List.of(), List.of("x", "9", "2", "3"), List.of("0", "600", "900"), ALL, ImageHints.LADDER);

    assertThat(hints).isEqualTo(new ImageHints(List.of(), 2, 640));
  }

  @Test
  void hints_stay_within_what_is_allowed() {
    ImageHints asked = new ImageHints(List.of(ImageFormat.AVIF), 4, 4096);

    assertThat(asked.within(2.9, 1000, ImageHints.LADDER)).isEqualTo(new ImageHints(List.of(ImageFormat.AVIF), 2, 960));
    assertThat(asked.within(0.5, 319, ImageHints.LADDER)).isEqualTo(new ImageHints(List.of(ImageFormat.AVIF), 0, 0));
    assertThat(asked.within(8, 9999, ImageHints.LADDER)).isEqualTo(asked);
    assertThat(ImageHints.NONE.within(4, 4096, ImageHints.LADDER)).isEqualTo(ImageHints.NONE);
  }

  @Test
  void hints_become_smaller_until_none_are_left() {
    List<ImageHints> steps = Stream.iterate(new ImageHints(List.of(ImageFormat.WEBP), 3, 640), hints -> hints != null,
        hints -> hints.smaller(ImageHints.LADDER).orElse(null)).toList();

    assertThat(steps).extracting(ImageHints::dpr).containsExactly(3.0, 2.0, 1.5, 1.0, 0.0);
    assertThat(steps).extracting(ImageHints::width).containsExactly(640, 640, 640, 640, 0);
    assertThat(steps).extracting(ImageHints::formats).containsOnly(List.of(ImageFormat.WEBP));
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
    return ImageHints.of(list(accept), list(dpr), list(width), ALL, ImageHints.LADDER);
  }

  private static List<String> list(String value) {
    return Stream.ofNullable(value).toList();
  }
}

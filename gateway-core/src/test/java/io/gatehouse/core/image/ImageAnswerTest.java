package io.gatehouse.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageAnswerTest {

  @ParameterizedTest
  @CsvSource({
    "200, '', DONE, WHOLE, 200",
    "304, '', DONE, WHOLE, 304",
    "401, Source is unreachable, UNAVAILABLE, LITTLE, 404",
    "403, Forbidden, MISCONFIGURED, NOTHING, 502",
    "403, Source is unreachable, UNAVAILABLE, LITTLE, 404",
    "404, Invalid URL, UNAVAILABLE, LITTLE, 404",
    "422, Invalid source image, UNUSABLE, WHOLE, 422",
    "429, Too many requests, FULL, NOTHING, 503",
    "499, '', CANCELLED, NOTHING, 499",
    "500, Internal error, BROKEN, NOTHING, 502",
    "501, '', BROKEN, NOTHING, 502",
    "502, Source is unreachable, SOURCE_FAILED, LITTLE, 502",
    "503, Timeout, TOO_SLOW, NOTHING, 504",
    "504, Source is unreachable, SOURCE_TOO_SLOW, LITTLE, 504",
  })
  void every_status_says_what_is_charged_and_what_the_client_is_told(
      int status, String body, ImageAnswer answer, ImageAnswer.Charge charge, int told) {
    assertThat(ImageAnswer.of(status, body)).isEqualTo(answer);
    assertThat(answer.charge()).isEqualTo(charge);
    assertThat(answer.statusForClient(status)).isEqualTo(told);
  }

  @Test
  void the_debug_fields_say_how_many_pixels_there_were() {
    ImageWork work = ImageWork.of(Map.of("X-Origin-Content-Length", "1048576", "X-Origin-Width", "2400",
        "X-Origin-Height", "1700", "X-Result-Width", "300", "X-Result-Height", "213"));

    assertThat(work).isEqualTo(
        new ImageWork(OptionalLong.of(1_048_576), OptionalLong.of(4_080_000), OptionalLong.of(63_900)));
  }

  @ParameterizedTest
  @CsvSource({"'',1", "300,", "-300,1", "3e2,1", "99999999999,1", "1,9999999999999999999"})
  void what_is_no_size_is_as_if_it_were_not_there(String width, String height) {
    Map<String, String> fields = height == null
        ? Map.of("X-Result-Width", width) : Map.of("X-Result-Width", width, "X-Result-Height", height);

    assertThat(ImageWork.of(fields))
        .isEqualTo(new ImageWork(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
  }
}

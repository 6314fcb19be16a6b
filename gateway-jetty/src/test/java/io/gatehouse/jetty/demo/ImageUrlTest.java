package io.gatehouse.jetty.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageUrlTest {

  @ParameterizedTest
  @CsvSource({
    "/insecure/rs:fit:300:200/plain/local:///sunset.jpg@png, SUNSET, 300, 200, PNG",
    "/insecure/resize:fill:64:64/plain/local:///city.jpg, CITY, 64, 64, JPEG",
    "/sig/rs:force:10:300/plain/local:///city.jpg@jpeg, CITY, 10, 300, JPEG",
    "/insecure/rs:fit:300:200/plain/local:///portrait.jpg, PORTRAIT, 133, 200, JPEG",
    "/insecure/rs:fill:300/plain/local:///sunset.jpg, SUNSET, 300, 200, JPEG",
    "/insecure/rs:fit:0:200/plain/local:///sunset.jpg, SUNSET, 300, 200, JPEG",
    "/insecure/w:150/plain/local:///sunset.png, SUNSET, 150, 100, PNG",
    "/insecure/height:150/f:png/plain/local:///portrait.jpg, PORTRAIT, 100, 150, PNG",
    "/insecure/s:300:200/plain/local:///sunset.jpg, SUNSET, 300, 200, JPEG",
    "/insecure/plain/local:///sunset.jpg, SUNSET, 1500, 1000, JPEG",
    "/insecure/rs:force:4000:1/plain/local:///sunset.jpg, SUNSET, 4000, 1, JPEG",
    "/insecure/plain/local%3A%2F%2F%2Fsunset.jpg, SUNSET, 1500, 1000, JPEG",
    "/signature/rs:fit:300:200/bG9jYWw6Ly8vc3Vuc2V0LmpwZw, SUNSET, 300, 200, JPEG",
    "/signature/bG9jYWw6Ly8vc3Vuc2V0LmpwZw.png, SUNSET, 1500, 1000, PNG"
  })
  void a_picture_is_what_its_url_says(
      String path, SamplePicture picture, int width, int height, Rendition.Format format) throws Exception {
    Rendition rendition = ImageUrl.parse(path);

    assertThat(rendition.picture()).isEqualTo(picture);
    assertThat(rendition.width()).isEqualTo(width);
    assertThat(rendition.height()).isEqualTo(height);
    assertThat(rendition.format()).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource({
    "/, 404, Invalid URL",
    "/sunset.jpg, 404, Invalid URL",
    "/insecure/rs:fit:-1:200/plain/local:///sunset.jpg, 404, Invalid URL",
    "/insecure/rs:fit:x:200/plain/local:///sunset.jpg, 404, Invalid URL",
    "/insecure/rs:tile:10:10/plain/local:///sunset.jpg, 404, Invalid URL",
    "/insecure/blur:3/plain/local:///sunset.jpg, 404, Invalid URL",
    "/insecure//plain/local:///sunset.jpg, 404, Invalid URL",
    "/insecure/plain/local%3A%2/sunset.jpg, 404, Invalid URL",
    "/insecure/plain/local:///nothing.jpg, 404, Source image is unreachable",
    "/insecure/plain/http://example.org/sunset.jpg, 404, Source image is unreachable",
    "/insecure/plain/local:///../sunset.jpg, 404, Source image is unreachable",
    "/insecure/rs:fit:4001:1/plain/local:///sunset.jpg, 422, Resulting image is too large",
    "/insecure/rs:fit:0:3000/plain/local:///sunset.jpg, 422, Resulting image is too large",
    "/insecure/rs:fit:99999999999:1/plain/local:///sunset.jpg, 404, Invalid URL",
    "/insecure/plain/local:///sunset.jpg@webp, 422, Resulting image format is not supported"
  })
  void what_is_no_picture_is_refused(String path, int status, String text) {
    ImageUrl.Refused refused = catchThrowableOfType(ImageUrl.Refused.class, () -> ImageUrl.parse(path));

    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused).hasMessage(text);
  }

  @Test
  void filling_crops_and_forcing_stretches() throws Exception {
    assertThat(ImageUrl.parse("/_/rs:fill:9:9/plain/local:///city.jpg").cropped()).isTrue();
    assertThat(ImageUrl.parse("/_/rs:force:9:9/plain/local:///city.jpg").cropped()).isFalse();
  }
}

package io.gatehouse.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.core.image.ImageSource.Encoding;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePathTest {

  @Test
  void ten_thousand_valid_paths_are_printed_as_they_were_read_byte_for_byte() {
    Paths paths = new Paths(6);

    for (int i = 0; i < 10_000; i++) {
      String path = paths.path();
      assertThat(ImagePath.parse(path).print()).isEqualTo(path);
    }
  }

  @ParameterizedTest
  @EnumSource(ImageOptionName.class)
  void every_option_is_known_by_all_its_names(ImageOptionName option) {
    Paths paths = new Paths(option.ordinal());

    for (int i = 0; i < 50; i++) {
      String text = paths.option(option);
      ImageOption read = ImageOptions.parse(text).all().get(0);
      assertThat(read.name()).isEqualTo(option);
      assertThat(read).hasToString(text);
      assertThat(option.names()).contains(read.written());
    }
  }

  @Test
  void no_name_means_two_options() {
    List<String> names = Arrays.stream(ImageOptionName.values()).flatMap(o -> o.names().stream()).toList();

    assertThat(names).doesNotHaveDuplicates().hasSizeGreaterThan(150);
  }

  @Test
  void the_example_of_the_documentation_is_read() {
    ImagePath path = ImagePath.parse("/AfrOrF3gWeDA6VOlDG4TzxMv39O7MXnF4CXpKUwGqRM/preset:sharp/resize:fill:300:400:0"
        + "/gravity:sm/plain/http://example.com/images/curiosity.jpg@png");

    assertThat(path.signature()).isEqualTo("AfrOrF3gWeDA6VOlDG4TzxMv39O7MXnF4CXpKUwGqRM");
    assertThat(path.options().all()).extracting(ImageOption::name)
        .containsExactly(ImageOptionName.PRESET, ImageOptionName.RESIZE, ImageOptionName.GRAVITY);
    assertThat(path.options().all().get(1).arguments()).containsExactly("fill", "300", "400", "0");
    assertThat(path.source().encoding()).isEqualTo(Encoding.PLAIN);
    assertThat(path.source().url()).isEqualTo("http://example.com/images/curiosity.jpg");
    assertThat(path.source().extension()).isEqualTo("png");
  }

  @Test
  void a_source_in_base64_may_be_split_and_padded() {
    ImageSource source =
        ImagePath.parse("/_/pr:sharp/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png").source();

    assertThat(source.url()).isEqualTo("http://example.com/images/curiosity.jpg");
    assertThat(source.extension()).isEqualTo("png");
    assertThat(ImagePath.parse("/_/aA==").source().url()).isEqualTo("h");
    assertThat(ImagePath.parse("/_/aA.").source().extension()).isEmpty();
  }

  @Test
  void an_encrypted_source_stays_what_it_is() {
    ImageSource source = ImagePath.parse("/_/w:1/enc/jwV3wUD9r4VBIzgv/ang3Hbh0.png").source();

    assertThat(source.encoding()).isEqualTo(Encoding.ENCRYPTED);
    assertThat(source.url()).isEmpty();
    assertThat(source.extension()).isEqualTo("png");
  }

  @Test
  void a_plain_source_is_decoded_once() {
    ImageSource source = ImagePath.parse("/_/plain/http://e.com/a%2520b%40c%3Fd").source();

    assertThat(source.url()).isEqualTo("http://e.com/a%20b@c?d");
  }

  @Test
  void pipelines_are_kept_apart() {
    ImageOptions options = ImageOptions.parse("rs:fit:500:500/wm:0.5:nowe/-/trim:10");

    assertThat(options.pipelines()).hasSize(2);
    assertThat(options.pipelines().get(1)).extracting(ImageOption::name).containsExactly(ImageOptionName.TRIM);
    assertThat(options.all()).hasSize(3);
    assertThat(options.print()).isEqualTo("rs:fit:500:500/wm:0.5:nowe/-/trim:10");
  }

  @Test
  void another_separator_is_read_and_printed() {
    String path = "/_/rs*fill*300/q*80/plain/http://e.com/a:b";

    ImagePath read = ImagePath.parse(path, "*");

    assertThat(read.print()).isEqualTo(path);
    assertThat(read.options().all().get(0).arguments()).containsExactly("fill", "300");
    assertThatThrownBy(() -> ImagePath.parse(path, "-")).hasMessageContaining("separator: -");
  }

  @ParameterizedTest
  @CsvSource({
    "/_/widht:300/aA, options, 3, widht",
    "/_/WIDTH:300/aA, options, 3, WIDTH",
    "/_/w:-1/aA, width, 5, as argument 1",
    "/_/w:+1/aA, width, 5, as argument 1",
    "/_/w:1e3/aA, width, 5, as argument 1",
    "/_/w:2147483648/aA, width, 5, as argument 1",
    "/_/w:/aA, width, 5, nothing",
    "/_/w:1:2/aA, width, 7, expected: as argument 2",
    "/_/dpr:NaN/aA, dpr, 7, NaN",
    "/_/dpr:Inf/aA, dpr, 7, Inf",
    "/_/dpr:0/aA, dpr, 7, a number above 0",
    "/_/z:2:/aA, zoom, 7, as argument 2",
    "/_/el:yes/aA, enlarge, 6, 'expected: as argument 1, 1, t'",
    "/_/rs:fitt/aA, resize, 6, fit",
    "/_/rs:fit:1:1:0:1:sm/aA, resize, 18, as argument 6",
    "/_/g:fp:0.5/aA, gravity, 11, as argument 3",
    "/_/g:fp:0.5:1.5/aA, gravity, 12, as argument 3",
    "/_/g:sm:1/aA, gravity, 8, nothing more",
    "/_/g:ce:1:1:1/aA, gravity, 12, at most 2 offsets",
    "/_/g:objw:face/aA, gravity, 14, as argument 3",
    "/_/ex:1:sm/aA, extend, 8, ce",
    "/_/bg:1:2/aA, background, 6, 3 or 6 hexadecimal",
    "/_/bg:1:2:256/aA, background, 10, 0 to 255",
    "/_/fq:jpg/aA, format_quality, 9, as argument 2",
    "/_/f:exe/aA, format, 5, exe",
    "/_/wmu:a+b/aA, watermark_url, 7, URL-safe Base64",
    "/_/fn:%zz/aA, filename, 6, percent-encoded",
    "/_/pr:/aA, preset, 6, as argument 1",
    "/_/rot:45/aA, rotate, 7, multiple of 90",
    "/_/plain/, source, 9, nothing",
    "/_/w:1, source, 6, nothing",
    "/_/w:1/, source, 7, nothing",
    "/_//aA, source, 3, empty segments",
    "/_/aA//aA, source, 3, empty segments",
    "/_/a, source, 3, Base64",
    "/_/a+b=, source, 3, Base64",
    "/_/gICA, source, 3, Base64",
    "/_/aA.exe, extension, 6, exe",
    "/_/aA.png.png, extension, 6, png.png",
    "/_/aA.p/ng, extension, 6, p/ng",
    "/_/plain/http://e.com/a@b@png, extension, 24, b@png",
    "/_/plain/http://e.com@bad.com/a, extension, 22, bad.com/a",
    "/_/plain/a%zz, source, 9, percent-encoding",
    "/_/plain/a%ff, source, 9, UTF-8",
    "/_/plain/a?b, path, 10, without query",
    "//w:1/aA, signature, 1, between slashes",
    "/_, signature, 1, between slashes",
    "w:1/aA, path, 0, slash",
  })
  void what_is_not_understood_is_refused_with_place_and_part(String path, String part, int position, String says) {
    ImageSyntaxException refused = catchThrowableOfType(ImageSyntaxException.class, () -> ImagePath.parse(path));

    assertThat(refused).hasMessageContaining(says).hasMessageStartingWith(part + ": ");
    assertThat(refused.part()).isEqualTo(part);
    assertThat(refused.position()).isEqualTo(position);
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "/_/plain/a b", "/_/plain/a\tb", "/_/plain/ü", "/_/plain/a\\b", "/_/plain/a#b", "/_/w:1\u007f/aA"})
  void a_path_is_visible_ascii(String path) {
    assertThatThrownBy(() -> ImagePath.parse(path)).isInstanceOf(ImageSyntaxException.class);
  }

  @Test
  void what_is_shown_of_a_faulty_part_is_short_and_one_line() {
    ImageSyntaxException refused = catchThrowableOfType(
        ImageSyntaxException.class, () -> ImageOptions.parse("x\r\n".repeat(1000) + ":1"));

    assertThat(refused.getMessage()).hasSizeLessThan(160).doesNotContain("\n", "\r");
    assertThat(refused.getStackTrace()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/_/plain/http:/example.com/a.jpg, /_/plain/http://example.com/a.jpg",
    "/_/plain/https:/e.com/a, /_/plain/https://e.com/a",
    "/_/plain/local:/image.jpg, /_/plain/local:///image.jpg",
    "/_/plain/local:///image.jpg, /_/plain/local:///image.jpg",
    "/_/plain/http://e.com/a:/b, /_/plain/http://e.com/a:/b",
    "/_/rs%3Afill%3A300/plain/http://e.com/%3A, /_/rs:fill:300/plain/http://e.com/%3A",
    "/_/rs%3Afill%3a300/plain/http:/e.com, /_/rs:fill:300/plain/http://e.com",
    "/_/rs%3Afill/aHR0cA.png, /_/rs:fill/aHR0cA.png",
    "/_/plain/example.com/image.jpg, /_/plain/example.com/image.jpg",
    "/_/plain/http:, /_/plain/http:",
  })
  void what_proxies_did_to_a_path_is_undone(String sent, String meant) {
    assertThat(ImagePath.repair(sent)).isEqualTo(meant);
    assertThat(ImagePath.repair(meant)).isEqualTo(meant);
  }

  @Test
  void a_path_without_signature_is_read_and_printed_without_one() {
    ImagePath path = ImagePath.parseUnsigned("/rs:fit:10/plain/http://e.com/a");

    assertThat(path.signature()).isEmpty();
    assertThat(path.print()).isEqualTo("/rs:fit:10/plain/http://e.com/a").isEqualTo(path.unsigned());
  }
}

package io.gatehouse.core.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.core.image.ImagePolicy.Encrypted;
import io.gatehouse.core.image.ImagePolicy.Writing;
import io.gatehouse.core.image.ImageRewriter.Denied;
import io.gatehouse.core.image.ImageRewriter.Result;
import io.gatehouse.core.image.ImageRewriter.Rewritten;
import io.gatehouse.core.image.ImgproxySigner.Pair;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ImageRewriterTest {

  private static final String PICTURE = "/plain/http://e.com/a.jpg";
  private static final String WRITTEN = "/aHR0cDovL2UuY29tL2EuanBn";
  private static final ImgproxySigner SIGNER =
      new ImgproxySigner(List.of(new Pair("test-key".getBytes(UTF_8), "test-salt".getBytes(UTF_8))));
  private static final ImageRewriter REWRITER = ImageRewriter.unsigned();
  private static final ImagePolicy POLICY = ImagePolicy.builder().sources("http://e.com").build();

  @Test
  void a_path_is_written_anew_and_signed_with_the_key_of_imgproxy() {
    Result result = ImageRewriter.signing(SIGNER)
        .rewrite("/resize:fill:300:400/gravity:sm/plain/HTTP://E.com:80/x/../a.jpg@png", POLICY);

    assertThat(result).isInstanceOf(Rewritten.class);
    Rewritten rewritten = (Rewritten) result;
    assertThat(rewritten.pixels()).isEqualTo(120_000);
    assertThat(SIGNER.verify(ImagePath.parse(rewritten.target()))).isTrue();
    assertThat(ImagePath.parse(rewritten.target()).unsigned()).isEqualTo("/rs:fill:300:400/g:sm" + WRITTEN + ".png");
  }

  @Test
  void what_proxies_did_to_the_path_does_not_matter() {
    assertThat(target("/rs%3Afill%3A3%3A4/plain/http:/e.com/a.jpg")).isEqualTo("/unsafe/rs:fill:3:4" + WRITTEN);
  }

  @Test
  void what_is_not_understood_is_denied_with_what_was_expected() {
    Denied denied = denied("/rs:fill:-3/plain/http://e.com/a.jpg", POLICY);

    assertThat(denied.rule()).isEqualTo("resize");
    assertThat(denied.detail()).isEqualTo("resize: -3 at 9 (expected: as argument 2, a whole number, 0 or more)");
  }

  @Test
  void a_denied_source_says_nothing_of_the_allowed_ones() {
    ImagePolicy policy = ImagePolicy.builder().sources("http://secret.example", "s3://hidden/x/").build();

    Denied denied = denied("/plain/http://other.example/a.jpg", policy);

    assertThat(denied.rule()).isEqualTo("source");
    assertThat(denied.detail()).isEqualTo(
        "source: http://other.example/a.jpg (expected: a source that is allowed here)");
    assertThat(denied("/plain/http://a%40b/", policy).detail()).contains("no user before the host");
  }

  @Test
  void without_sources_nothing_is_allowed() {
    assertThat(denied(PICTURE, ImagePolicy.builder().build()).rule()).isEqualTo("source");
  }

  @Test
  void what_is_named_as_svg_is_a_source_only_where_it_may_be_a_result() {
    ImagePolicy policy = ImagePolicy.builder().sources("http://e.com").formats(Set.of(ImageFormat.PNG)).build();

    for (String source : List.of("a.svg", "a.SVG", "a.svgz", "b/c.svg%3Fv=1")) {
      assertThat(denied("/plain/http://e.com/" + source, policy).detail()).startsWith("source: ").endsWith("(expected: no SVG here)");
      assertThat(target("/plain/http://e.com/" + source)).as("of all formats").startsWith("/unsafe/");
    }
    assertThat(ImageRewriter.unsigned().rewrite("/plain/http://e.com/svg/a.svg.png", policy)).isInstanceOf(Rewritten.class);
  }

  @Test
  void encrypted_sources_pass_only_where_they_are_granted() {
    assertThat(denied("/w:1/enc/jwV3wUD9/r4VBIzgv.png", POLICY).rule()).isEqualTo("source");
    assertThat(target("/rs:fill:1:1/enc/jwV3wUD9/r4VBIzgv.png",
        POLICY.with().encrypted(Encrypted.FORWARDED).build()))
        .isEqualTo("/unsafe/rs:fill:1:1/enc/jwV3wUD9r4VBIzgv.png");
  }

  @ParameterizedTest
  @EnumSource(ImageOptionName.class)
  void guarded_options_pass_only_where_they_are_granted(ImageOptionName option) {
    if (!ImagePolicy.GUARDED.contains(option)) {
      return;
    }
    String text = option == ImageOptionName.WATERMARK_URL || option == ImageOptionName.FALLBACK_IMAGE_URL
        ? option.shortName() + ":aHR0cDovL2UuY29tL2EuanBn" : new Paths(1).option(option);

    Denied denied = denied("/" + text + PICTURE, POLICY);

    assertThat(denied.rule()).isEqualTo(option.longName());
    assertThat(target("/" + text + PICTURE, POLICY.with().granted(Set.of(option)).build()))
        .startsWith("/unsafe/" + option.shortName() + ":");
  }

  @Test
  void other_options_can_be_refused() {
    ImagePolicy policy = POLICY.with().refused(Set.of(ImageOptionName.WATERMARK, ImageOptionName.PRESET)).build();

    assertThat(denied("/wm:0.5" + PICTURE, policy).rule()).isEqualTo("watermark");
    assertThat(denied("/pr:a" + PICTURE, policy).rule()).isEqualTo("preset");
  }

  @ParameterizedTest
  @CsvSource({
    "dpr:4.5, dpr", "bl:50.1, blur", "sh:11, sharpen", "f:avif, format", "g:obj:face, gravity", "c:1:1:objw:a:1, crop",
    "w:1/-/h:1, pipelines",
  })
  void costly_arguments_are_bounded(String options, String rule) {
    ImagePolicy policy = POLICY.with().formats(Set.of(ImageFormat.PNG, ImageFormat.JPEG)).build();

    assertThat(denied("/" + options + PICTURE, policy).rule()).isEqualTo(rule);
  }

  @Test
  void the_extension_is_a_format_too() {
    ImagePolicy policy = POLICY.with().formats(Set.of(ImageFormat.JPEG)).build();

    assertThat(denied(PICTURE + "@webp", policy)).isEqualTo(
        new Denied("extension", "extension: webp (expected: a format that is allowed here)"));
    assertThat(target(PICTURE + "@jpeg", policy)).isEqualTo("/unsafe" + WRITTEN + ".jpeg");
    assertThat(target(PICTURE + "@", policy)).isEqualTo("/unsafe" + WRITTEN);
  }

  @Test
  void other_sources_in_options_have_to_be_allowed_as_well() {
    ImagePolicy policy = POLICY.with()
        .granted(Set.of(ImageOptionName.WATERMARK_URL, ImageOptionName.FALLBACK_IMAGE_URL)).build();

    Denied denied = denied("/wmu:" + Base64Url.encode("http://other.com/w.png") + PICTURE, policy);

    assertThat(denied.rule()).isEqualTo("watermark_url");
    assertThat(target("/fiu:" + Base64Url.encode("http://E.com/%77.png") + "/wmu:" + PICTURE, policy))
        .isEqualTo("/unsafe/fiu:" + Base64Url.encode("http://e.com/w.png") + "/wmu:" + WRITTEN);
    assertThat(denied("/fiu:gICA" + PICTURE, policy).rule()).isEqualTo("fallback_image_url");
  }

  @ParameterizedTest
  @CsvSource({
    "rs:fill:300:200, 60000",
    "w:300/h:200, 60000",
    "s:300:200/dpr:2, 240000",
    "rs:fit:300:200/z:2, 240000",
    "rs:fit:300:200/z:2:3/dpr:1.5, 810000",
    "s:300:200/pd:10, 70400",
    "s:300:200/pd:10:20:30:40/dpr:2, 345600",
    "s:300:200/pd:1:2/pd:::3, 62624",
    "s:300:200/mw:400, 80000",
    "s:300:200/w:100, 20000",
    "rs:fit:300:200/rs::100, 20000",
    "c:500:400, 200000",
    "c:500:400/dpr:2, 800000",
    "c:0.5:0.5, 1000000",
    "g:ce, 1000000",
    "w:100, 100000",
    "rs:fill:100, 100000",
    "w:2000/h:500, 1000000",
    "w:2000, 1000000",
    "s:1:1/dpr:0.1, 1",
    "s:0:0, 1000000",
  })
  void pixels_are_those_of_the_largest_result(String options, long pixels) {
    ImagePolicy policy = POLICY.with().limits(new ImageLimits(2000, 1000, 1_000_000, 4, 0, 0, 1)).build();

    Result result = REWRITER.rewrite("/" + options + PICTURE, policy);

    assertThat(result).isInstanceOfSatisfying(Rewritten.class, ok -> assertThat(ok.pixels()).isEqualTo(pixels));
  }

  @ParameterizedTest
  @CsvSource({
    "w:2001, width",
    "w:2001/h:1, width",
    "h:1001, height",
    "w:1001/dpr:2, width",
    "w:1000/h:10/z:2.1, width",
    "w:10/h:500/z:1:2.1, height",
    "w:2000/h:501, pixels",
    "w:1990/h:10/pd:0:6, width",
    "w:1000/h:10/pd:0:250:0:251/dpr:2, width",
    "pd:0:0:1001, height",
    "w:1/h:1/mw:2001, width",
    "w:1/h:1/mh:600/dpr:2, height",
    "mw:10, width",
    "el:1/w:10/rt:fill, height",
    "el:1/h:10/rt:auto, width",
    "el:1/z:2, width",
    "el:1/dpr:2, width",
    "w:2147483647/h:2147483647/z:999999999:999999999, width",
    "w:10/h:2147483647/z:999999999:999999999/pd:2147483647:2147483647:2147483647:2147483647, width",
    "w:2147483647, width",
    "c:3000:10, width",
    "rs:fit:10:10/rs:fill:5000, width",
    "w:10/pd:1000, width",
  })
  void what_would_be_too_large_is_denied(String options, String rule) {
    ImagePolicy policy = POLICY.with().limits(new ImageLimits(2000, 1000, 1_000_000, 4, 0, 0, 1)).build();

    assertThat(denied("/" + options + PICTURE, policy).rule()).isEqualTo(rule);
  }

  @ParameterizedTest
  @CsvSource({
    "w:300, w:300/h:1000",
    "h:300, h:300/w:2000",
    "w:300/dpr:2, w:300/dpr:2/h:500",
    "w:300/z:1:4, w:300/z:1:4/h:250",
    "w:300/pd:100:0, w:300/pd:100:0/h:800",
    "w:2000, w:2000/h:500",
    "rs:fit:300:0:1, rs:fit:300:0:1/h:1000",
    "rs:fill:300, rs:fill:300",
    "rs:auto:300, rs:auto:300",
    "rs:force:300, rs:force:300",
    "w:300/ex:1, w:300/ex:1",
    "w:300/exar:1, w:300/exar:1",
    "w:300/h:200, w:300/h:200",
    "g:ce, g:ce",
    "w:0, w:0",
  })
  void an_open_side_is_closed_where_that_changes_nothing_else(String options, String forwarded) {
    ImagePolicy policy = POLICY.with().limits(new ImageLimits(2000, 1000, 1_000_000, 4, 0, 0, 1)).build();

    assertThat(target("/" + options + PICTURE, policy)).isEqualTo("/unsafe/" + forwarded + WRITTEN);
  }

  @Test
  void with_a_largest_result_imposed_open_sides_may_grow() {
    ImagePolicy policy = POLICY.with().imposed(ImageOptions.parse("mrd:800")).build();

    Result result = REWRITER.rewrite("/el:1/w:10/rt:fill" + PICTURE, policy);

    assertThat(result).isEqualTo(new Rewritten("/unsafe/el:1/w:10/rt:fill/mrd:800" + WRITTEN, 8000));
  }

  @Test
  void imposed_options_stand_last_in_every_pipeline() {
    ImagePolicy policy = POLICY.with()
        .limits(new ImageLimits(4096, 4096, 1 << 24, 4, 50, 10, 3))
        .granted(Set.of(ImageOptionName.MAX_SRC_RESOLUTION))
        .imposed(ImageOptions.parse("max_src_resolution:50/maf:1")).build();

    assertThat(target("/msr:1000/s:9:9/-/bl:2" + PICTURE, policy))
        .isEqualTo("/unsafe/msr:1000/s:9:9/msr:50/maf:1/-/bl:2/msr:50/maf:1" + WRITTEN);
    assertThat(target(PICTURE, policy)).isEqualTo("/unsafe/msr:50/maf:1" + WRITTEN);
    assertThatIllegalArgumentException().isThrownBy(
        () -> POLICY.with().imposed(ImageOptions.parse("w:1/-/w:2")).build());
    assertThatIllegalArgumentException().isThrownBy(() -> POLICY.with().imposed(ImageOptions.parse("pr:a")).build());
  }

  @Test
  void a_pipeline_goes_on_with_what_the_one_before_it_made() {
    ImagePolicy policy = POLICY.with().limits(new ImageLimits(2000, 2000, 1_000_000, 4, 50, 10, 3)).build();

    Result result = REWRITER.rewrite("/s:300:200/-/z:2/-/bl:1" + PICTURE, policy);

    assertThat(result).isEqualTo(new Rewritten("/unsafe/s:300:200/-/z:2/-/bl:1" + WRITTEN, 240_000));
    assertThat(denied("/s:300:200/-/z:4/-/z:4" + PICTURE, policy).rule()).isEqualTo("width");
  }

  @Test
  void raw_is_charged_as_the_largest_where_it_is_granted() {
    ImagePolicy policy = POLICY.with().granted(Set.of(ImageOptionName.RAW)).build();

    assertThat(REWRITER.rewrite("/s:1:1/raw:1" + PICTURE, policy))
        .isEqualTo(new Rewritten("/unsafe/s:1:1/raw:1" + WRITTEN, 4096 * 4096));
  }

  @Test
  void hints_hold_until_options_say_otherwise() {
    ImageHints hints = new ImageHints(List.of(), 2, 640);
    ImagePolicy policy = POLICY.with().limits(new ImageLimits(2000, 1000, 2_000_000, 4, 0, 0, 1)).build();

    assertThat(REWRITER.rewrite("/h:100" + PICTURE, policy, hints))
        .isEqualTo(new Rewritten("/unsafe/h:100" + WRITTEN, 640 * 200));
    assertThat(REWRITER.rewrite("/w:100/h:100/dpr:1" + PICTURE, policy, hints))
        .isEqualTo(new Rewritten("/unsafe/w:100/h:100/dpr:1" + WRITTEN, 10_000));
    assertThat(REWRITER.rewrite("/w:1001/h:1" + PICTURE, policy, hints)).isInstanceOf(Denied.class);
  }

  @Test
  void presets_are_written_out_in_their_place() {
    ImagePolicy policy = presets(
        Map.of("thumb", "rs:fill:100:100/trim:10", "grey", "sa:0", "both", "pr:thumb:grey/q:80"));

    assertThat(target("/q:50/pr:both/h:90" + PICTURE, policy))
        .isEqualTo("/unsafe/q:50/rs:fill:100:100/t:10/sa:0/q:80/h:90" + WRITTEN);
    assertThat(denied("/pr:thumb:none" + PICTURE, policy)).isEqualTo(
        new Denied("preset", "preset: none (expected: the name of a preset)"));
  }

  @Test
  void chained_presets_are_merged_as_imgproxy_does() {
    ImagePolicy policy = presets(Map.of("test", "width:300/height:300/-/width:200/height:200/-/width:100/height:200"))
        .with().limits(new ImageLimits(4096, 4096, 1 << 24, 4, 50, 10, 3)).build();

    assertThat(target("/width:400/height:1/-/preset:test/width:500/-/width:600" + PICTURE, policy)).isEqualTo(
        "/unsafe/w:400/h:1/-/w:300/h:300/w:500/-/w:200/h:200/w:600/-/w:100/h:200" + WRITTEN);
  }

  @Test
  void presets_can_be_all_that_may_be_written() {
    ImagePolicy policy = presets(Map.of("thumb", "rs:fill:100:100")).with().writing(Writing.PRESETS_ONLY).build();

    assertThat(target("/pr:thumb" + PICTURE + "@png", policy)).isEqualTo("/unsafe/rs:fill:100:100" + WRITTEN + ".png");
    assertThat(denied("/pr:thumb/q:1" + PICTURE, policy).rule()).isEqualTo("quality");
  }

  @Test
  void the_size_is_limited_whoever_has_written_it() {
    assertThat(denied("/pr:big" + PICTURE, presets(Map.of("big", "s:5000:5000"))).rule()).isEqualTo("width");
  }

  @Test
  void many_presets_do_not_make_endless_options() {
    ImagePolicy policy = presets(Map.of("a", "q:1/q:2/q:3/q:4/q:5", "none", "", "chain", "-/-/-/-/-"));

    assertThat(denied("/pr:" + "a:".repeat(51) + "a" + PICTURE, policy).rule()).isEqualTo("options");
    assertThat(denied("/pr:a".repeat(60) + PICTURE, policy).rule()).isEqualTo("options");
    assertThat(target("/pr:" + "none:".repeat(500) + "a" + PICTURE, policy)).contains("q:5");
    assertThat(target("/pr:" + "chain:".repeat(500) + "a" + PICTURE, policy)).contains("q:5/-/-/-");
  }

  @Test
  void presets_that_use_each_other_end_at_a_depth() {
    Map<String, String> deep = new HashMap<>(Map.of("p1", "q:1"));
    for (int i = 2; i <= 8; i++) {
      deep.put("p" + i, "pr:p" + (i - 1) + ":p" + (i - 1) + "/q:" + i);
    }

    assertThat(target("/pr:p3" + PICTURE, presets(deep))).contains("q:1/q:1/q:2/q:1/q:1/q:2/q:3");
    deep.put("p9", "pr:p8");
    assertThatIllegalArgumentException().isThrownBy(() -> presets(deep)).withMessageContaining("at most 8 deep");
    assertThatIllegalArgumentException().isThrownBy(() -> presets(Map.of("a", "pr:b", "b", "pr:a")))
        .withMessageContaining("at most 8 deep");
    assertThatIllegalArgumentException().isThrownBy(() -> presets(Map.of("a", "pr:b")))
        .withMessage("presets: a uses b (expected: one that is there)");
    assertThatIllegalArgumentException().isThrownBy(() -> presets(Map.of("a b", "q:1")));
    assertThatIllegalArgumentException().isThrownBy(
        () -> presets(Map.of("a", "q:1/".repeat(29) + "q:1", "b", "pr:" + "a:".repeat(9) + "a")))
        .withMessageContaining("longer than 256 options");
  }

  @Test
  void another_separator_is_kept_out_of_free_text() {
    ImagePolicy policy = presets(Map.of("thumb", "rs:fill:10:10/fn:a*b.png"));

    assertThat(ImageRewriter.unsigned().separatedBy("*").rewrite("/pr*thumb/q*80" + PICTURE, policy))
        .isEqualTo(new Rewritten("/unsafe/rs*fill*10*10/fn*a%2Ab.png/q*80" + WRITTEN, 100));
  }

  @Test
  void whatever_is_rewritten_can_be_read_again_and_is_judged_the_same() {
    Paths paths = new Paths(24);
    ImagePolicy policy = ImagePolicy.builder()
        .sources("http://example.com", "https://img.example.com:8443", "local:///", "s3://bucket", "gs://b", "abs://c",
            "swift://c")
        .encrypted(Encrypted.FORWARDED)
        .granted(ImagePolicy.GUARDED)
        .limits(new ImageLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, 4, 1000, 1000, 9))
        .imposed(ImageOptions.parse("mrd:4000"))
        .build();
    int rewritten = 0;

    for (int i = 0; i < 10_000; i++) {
      Result first = REWRITER.rewrite("/" + paths.path().split("/", 3)[2], policy);
      if (first instanceof Rewritten once) {
        String unsigned = once.target().substring("/unsafe".length());
        assertThat(ImagePath.parse(once.target()).print()).isEqualTo(once.target());
        assertThat(REWRITER.rewrite(unsigned, policy)).isInstanceOfSatisfying(Rewritten.class, twice ->
            assertThat(twice.pixels()).isEqualTo(once.pixels()));
        rewritten++;
      }
    }

    assertThat(rewritten).isGreaterThan(3000);
  }

  @Test
  void limits_are_checked() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ImageLimits(0, 1, 1, 1, 0, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ImageLimits(1, 1, 1, Double.NaN, 0, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ImageLimits(1, 1, 1, 1, -1, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ImageLimits(1, 1, 1, 1, 0, 0, 0))
        .withMessage("pipelines: 0 (expected: 1 or more)");
  }

  private static ImagePolicy presets(Map<String, String> presets) {
    Map<String, ImageOptions> read = new HashMap<>();
    presets.forEach((name, options) -> read.put(name, ImageOptions.parse(options)));
    return POLICY.with().presets(read).build();
  }

  private static String target(String path) {
    return target(path, POLICY);
  }

  private static String target(String path, ImagePolicy policy) {
    Result result = REWRITER.rewrite(path, policy);
    assertThat(result).isInstanceOf(Rewritten.class);
    return ((Rewritten) result).target();
  }

  private static Denied denied(String path, ImagePolicy policy) {
    Result result = REWRITER.rewrite(path, policy);
    assertThat(result).isInstanceOf(Denied.class);
    return (Denied) result;
  }
}

package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Entitlement;
import io.gatehouse.Subject;
import io.gatehouse.access.AddressRules;
import io.gatehouse.core.image.ImageOptionName;
import io.gatehouse.core.image.ImagePath;
import io.gatehouse.core.image.ImagePolicy;
import io.gatehouse.core.image.ImageRewriter;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.settings.SettingsSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagePoliciesTest {
  private static final String SETTINGS = """
      images:
        key: ab
        salt: cd
        sources: ["https://usual.example/", "local:///{tenant}/", "local:///users/{user}/"]
        presets: {thumb: "rs:fill:300:300", big: "w:4000/h:4000"}
        max_megapixels: 10
        formats: [jpg, webp]
        tenants:
          - {name: acme, sources: "s3://acme/", max_megapixels: 1, formats: avif, presets: thumb}
      """;

  @TempDir Path directory;

  @Test
  void each_caller_reads_their_own_and_nobody_elses() throws Exception {
    ImagePolicies policies = policies(SETTINGS);

    assertThat(allows(policies.of(caller("u1", "blue")), "local:///blue/a.jpg")).isTrue();
    assertThat(allows(policies.of(caller("u1", "blue")), "local:///users/u1/a.jpg")).isTrue();
    assertThat(allows(policies.of(caller("u1", "blue")), "https://usual.example/a.jpg")).isTrue();
    assertThat(allows(policies.of(caller("u1", "blue")), "local:///red/a.jpg")).isFalse();
    assertThat(allows(policies.of(caller("u1", "blue")), "local:///users/u2/a.jpg")).isFalse();
    assertThat(allows(policies.of(caller("u1", "")), "local:///a.jpg")).isFalse();
    assertThat(allows(policies.of(caller("u1", "")), "local:////a.jpg")).isFalse();
    assertThat(allows(policies.of(caller("u1", "acme")), "s3://acme/a.jpg")).isTrue();
    assertThat(allows(policies.of(caller("u1", "acme")), "https://usual.example/a.jpg")).isFalse();
  }

  @Test
  void the_plan_goes_before_the_settings_and_the_tenant_before_the_plan() throws Exception {
    ImagePolicies policies = policies(SETTINGS);
    Map<String, String> plan = Map.of(
        "images.sources", "https://plan.example/, local:///plan/", "images.max_megapixels", "3", "images.max_width", "900",
        "images.grant", "filename,raw", "images.formats", "png", "images.presets", "big", "images.only_presets", "true",
        "tier", "gold");

    ImagePolicy ofPlan = policies.of(caller("u1", "blue", plan));
    assertThat(ofPlan.limits().pixels()).isEqualTo(3_000_000);
    assertThat(ofPlan.limits().width()).isEqualTo(900);
    assertThat(ofPlan.limits().height()).isEqualTo(4096);
    assertThat(ofPlan.granted()).containsExactlyInAnyOrder(ImageOptionName.FILENAME, ImageOptionName.RAW);
    assertThat(ofPlan.formats()).extracting(format -> format.extension()).containsExactly("png");
    assertThat(ofPlan.presets()).containsOnlyKeys("big");
    assertThat(ofPlan.writing()).isEqualTo(ImagePolicy.Writing.PRESETS_ONLY);
    assertThat(ofPlan.sources()).hasSize(2);

    ImagePolicy ofTenant = policies.of(caller("u1", "acme", plan));
    assertThat(ofTenant.limits().pixels()).isEqualTo(1_000_000);
    assertThat(ofTenant.limits().width()).isEqualTo(900);
    assertThat(ofTenant.formats()).extracting(format -> format.extension()).containsExactly("avif");
    assertThat(ofTenant.presets()).containsOnlyKeys("thumb");
    assertThat(allows(ofTenant, "https://plan.example/a.jpg")).isFalse();
    assertThat(policies.of(caller("u1", "acme", plan))).as("made once").isSameAs(ofTenant);
  }

  @ParameterizedTest
  @CsvSource({
    "images.max_megapixels, many", "images.max_width, 0", "images.sources, everywhere", "images.grant, anything",
    "images.formats, docx", "images.presets, missing", "images.only_presets, yes", "images.impose, nonsense:1",
    "images.unknown, 1"
  })
  void a_plan_that_cannot_be_read_allows_nothing(String option, String value) throws Exception {
    ImagePolicy policy = policies(SETTINGS).of(caller("u1", "blue", Map.of(option, value)));

    assertThat(policy.sources()).isEmpty();
    assertThat(allows(policy, "https://usual.example/a.jpg")).isFalse();
  }

  @Test
  void each_option_that_cannot_be_read_is_told_before_a_plan_has_it() throws Exception {
    Map<String, String> faults = new PlanOptions(settings(SETTINGS)).faults(Map.of(
        "images.max_megapixels", "many", "images.max_width", "0", "images.formats", "jpg, docx", "images.presets", "missing",
        "images.sources", "everywhere", "images.unknown", "1", "images.max_dpr", "2", "tier", "gold", "cache.charge_hits", "no"));

    assertThat(faults).containsOnlyKeys("cache.charge_hits", "images.formats", "images.max_megapixels", "images.max_width",
        "images.presets", "images.sources", "images.unknown");
    assertThat(faults).containsEntry("images.max_megapixels", "many (expected: 0 to 1000000)")
        .containsEntry("images.max_width", "0 (expected: 1 or more)")
        .containsEntry("images.formats", "docx (expected: one that imgproxy has)")
        .containsEntry("images.unknown", "images.unknown (expected: options that there are)")
        .containsEntry("cache.charge_hits", "no (expected: true or false)");
    assertThat(new PlanOptions(settings("")).faults(Map.of("images.max_width", "0"))).as("without images").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "presets: {thumb: 'rs:fill:300:300'} | presets: {thumb: 'nonsense:1'}",
    "formats: [jpg, webp] | formats: [docx]",
    "sources: 's3://acme/' | sources: 's3://'",
    "presets: thumb | presets: missing",
  })
  void settings_of_which_no_policy_can_be_made_do_not_start(String good, String bad) throws Exception {
    String text = SETTINGS.replace("\"", "'");
    String changed = text.replace("presets: {thumb: 'rs:fill:300:300', big: 'w:4000/h:4000'}", "presets: {thumb: 'rs:fill:300:300'}");
    assertThat(changed).contains(good.strip());

    assertThatThrownBy(() -> Images.check(settings(changed.replace(good.strip(), bad.strip()))))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("images");
  }

  @Test
  void urls_of_uploads_that_imgproxy_would_not_understand_do_not_start() throws Exception {
    Images.check(settings(SETTINGS + "upload: {urls: {square: 'preset:thumb', small: 'rs:fit:9:9/q:80'}}\n"));

    assertThatThrownBy(() -> Images.check(settings(SETTINGS + "upload: {urls: {square: 'rs:fit:wide'}}\n")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("upload.urls");
  }

  private static boolean allows(ImagePolicy policy, String source) {
    return ImageRewriter.unsigned().rewrite(ImagePath.parse("/x/w:100/h:100/plain/" + source), policy)
        instanceof ImageRewriter.Rewritten;
  }

  private static Entitlement caller(String user, String tenant) {
    return caller(user, tenant, Map.of());
  }

  private static Entitlement caller(String user, String tenant, Map<String, String> options) {
    return new Entitlement(
        new Subject(user, "k"), List.of(), List.of(), Optional.empty(), AddressRules.NONE, Set.of(), Map.of(), List.of(),
        Optional.of(tenant).filter(name -> !name.isEmpty()), Optional.of("plan"), options);
  }

  private ImagePolicies policies(String yaml) throws Exception {
    return new ImagePolicies(settings(yaml).images().orElseThrow());
  }

  private Settings settings(String yaml) throws Exception {
    Path file = Files.writeString(directory.resolve("gatehouse.yaml"), yaml);
    return new SettingsSource(Optional.of(file), Map.of()).read().settings();
  }
}

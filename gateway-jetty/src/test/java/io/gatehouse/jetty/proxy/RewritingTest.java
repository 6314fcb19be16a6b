package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.settings.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewritingTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "'', '', /a//b%2F?c, /a//b%2F?c",
    "/a, '', /a/b, /b",
    "/a, '', /a//b%2f, //b%2f",
    "/a, '', /a, /",
    "/a, '', /a?x, /?x",
    "/a, '', /ab, /ab",
    "/a, '', /%61/b, /%61/b",
    "/a, /v2, /a/b, /v2/b",
    "/a, /v2, /a, /v2",
    "/a, /v2, /a?x, /v2?x",
    "'', /v2, /a, /v2/a",
    "/a, /v2, *, *"
  })
  void a_target_loses_whole_segments_and_keeps_its_bytes(String strip, String add, String target, String changed) {
    assertThat(new Rewriting(strip, add, FieldRules.NONE, FieldRules.NONE).target(target)).isEqualTo(changed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "a", "/a/", "a/"})
  void a_prefix_is_made_of_whole_segments(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rewriting(prefix, "", FieldRules.NONE, FieldRules.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rewriting("", prefix, FieldRules.NONE, FieldRules.NONE));
  }

  @Test
  void fields_that_are_set_replace_all_of_their_name_in_whatever_spelling() {
    FieldRules rules = new FieldRules(Map.of("X-Tier", "gold"), Set.of("X_Secret"));
    HttpFields fields = HttpFields.build()
        .add("x-tier", "tin").add("X_TIER", "lead").add("x-secret", "1").add("X_Secret", "2").add("X-Other", "kept");

    assertThat(rules.on(fields)).extracting(field -> field.getName() + ": " + field.getValue())
        .containsExactly("X-Other: kept", "X-Tier: gold");
    assertThat(FieldRules.NONE.on(fields)).isSameAs(fields);
  }

  @Test
  void a_value_that_would_end_its_field_is_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new FieldRules(Map.of("X-A", "a\r\nX-B: b"), Set.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new FieldRules(Map.of("X A", "a"), Set.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new FieldRules(Map.of(), Set.of("X:A")));
  }

  /** What the proxy would refuse at the start, the settings refuse with a place and a reason. */
  @Test
  void the_settings_refuse_every_field_that_the_proxy_leaves_alone() throws Exception {
    List<String> names = List.of("Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Proxy-Authenticate", "Proxy", "Host", "Content-Length", "Content_Length", "Expect", "Forwarded", "X-Real-IP",
        "X-API-Key", "X-Forwarded-Port", "X-Gatehouse-Key", "Sec-WebSocket-Key", "Via");

    for (String name : names) {
      assertThatIllegalArgumentException().as(name).isThrownBy(() -> new FieldRules(Map.of(name, "a"), Set.of()));
      Path file = Files.writeString(directory.resolve("gatehouse.yaml"),
          "routes: [{name: r, request_headers: {remove: [" + name + "]}}]");
      assertThatThrownBy(() -> SettingsReader.read(Optional.of(file), Map.of())).as(name)
          .isInstanceOf(SettingsException.class).hasMessageContaining("belongs to the connection");
    }
  }
}

package io.gatehouse.jetty.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedElementTest {

  @Test
  void elements_are_those_of_all_lines_in_their_order() {
    assertThat(ForwardedElement.all(List.of("for=192.0.2.43, FOR=\"[2001:db8:cafe::17]:4711\"", "for=unknown;proto=http")))
        .extracting(ForwardedElement::parameters)
        .containsExactly(
            Map.of("for", "192.0.2.43"),
            Map.of("for", "[2001:db8:cafe::17]:4711"),
            Map.of("for", "unknown", "proto", "http"));
  }

  @Test
  void quotes_hide_separators_and_backslashes_hide_quotes() {
    assertThat(ForwardedElement.all(List.of("for=\"a,b;c=\\\"d\"; by=x")).get(0).parameters())
        .isEqualTo(Map.of("for", "a,b;c=\"d", "by", "x"));
  }

  @Test
  void a_proxy_may_say_nothing() {
    assertThat(ForwardedElement.all(List.of("for=a,, ;;for=b;")))
        .extracting(element -> element.value("for").orElse("-"))
        .containsExactly("a", "-", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"for=\"a", "for=\"a\\", "for", "=a", "for=a b", "for =a", "for=a;for=b", "for=[::1]", "for=\"a\"b"})
  void what_is_not_well_formed_says_nothing_at_all(String line) {
    assertThat(ForwardedElement.all(List.of("for=192.0.2.1", line))).isEmpty();
  }
}

package io.gatehouse.jetty.filter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {

  private static final String VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void a_valid_parent_goes_on_as_it_came() {
    assertThat(TraceContext.of(VALID).traceparent()).isEqualTo(VALID);
    assertThat(TraceContext.of(VALID).traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(TraceContext.of("cc" + VALID.substring(2) + "-more").traceparent()).startsWith("cc-").endsWith("-more");
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"
      })
  void a_malformed_one_is_replaced_by_a_new_trace(String received) {
    TraceContext first = TraceContext.of(received);
    TraceContext second = TraceContext.of(received);

    assertThat(first.traceparent()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01").isNotEqualTo(second.traceparent());
    assertThat(TraceContext.of(first.traceparent())).isEqualTo(first);
  }
}

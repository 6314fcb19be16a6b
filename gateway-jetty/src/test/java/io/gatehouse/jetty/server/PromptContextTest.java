package io.gatehouse.jetty.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PromptContextTest {

  private final PromptContext.Streak streak = new PromptContext.Streak();

  @Test
  void after_so_many_requests_of_one_connection_in_a_row_others_get_a_turn() {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < PromptContext.LONGEST_STREAK; i++) {
        assertThat(streak.goesOn("a")).isTrue();
      }
      assertThat(streak.goesOn("a")).isFalse();
    }
  }

  @Test
  void a_request_of_another_connection_ends_the_row() {
    for (int i = 0; i < 10 * PromptContext.LONGEST_STREAK; i++) {
      assertThat(streak.goesOn(i % 2 == 0 ? "a" : "b")).isTrue();
    }
  }
}

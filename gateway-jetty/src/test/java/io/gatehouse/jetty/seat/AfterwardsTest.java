package io.gatehouse.jetty.seat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AfterwardsTest {

  private final List<String> done = new ArrayList<>();

  @Test
  void steps_are_taken_in_order_after_what_has_caused_them_and_so_are_theirs() {
    Afterwards.of(() -> {
      Afterwards.take(() -> {
        done.add("first");
        Afterwards.take(() -> done.add("third"));
      });
      Afterwards.take(() -> done.add("second"));
      done.add("heard");
    });

    assertThat(done).containsExactly("heard", "first", "second", "third");
  }

  @Test
  void within_another_the_steps_are_those_of_the_outer_one() {
    Afterwards.of(() -> {
      Afterwards.of(() -> Afterwards.take(() -> done.add("step")));
      done.add("heard");
    });

    assertThat(done).containsExactly("heard", "step");
  }

  @Test
  void nothing_is_taken_where_no_backend_is_heard() {
    assertThat(Afterwards.take(() -> done.add("lost"))).isFalse();
    Afterwards.of(() -> {});
    assertThat(Afterwards.take(() -> done.add("lost"))).isFalse();
    assertThat(done).isEmpty();
  }

  @Test
  void a_step_that_fails_keeps_no_other_from_its_turn() {
    Afterwards.of(() -> {
      Afterwards.take(() -> {
        throw new IllegalStateException("a step of the test");
      });
      Afterwards.take(() -> done.add("second"));
    });

    assertThat(done).containsExactly("second");
  }

  @Test
  void an_error_ends_it_and_the_thread_is_as_before() {
    assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> Afterwards.of(() -> {
      throw new StackOverflowError();
    }));

    assertThat(Afterwards.take(() -> {})).isFalse();
  }
}

package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BreakerTest {

  private static final long REST = 500_000_000L;

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1, -REST / 2})
  void after_a_failure_nobody_passes_until_the_rest_is_over_and_then_one(long start) {
    AtomicLong now = new AtomicLong(start);
    Breaker breaker = new Breaker(Duration.ofMillis(500), now::get);
    assertThat(breaker.tryPass()).isTrue();
    assertThat(breaker.tryPass()).isTrue();

    breaker.away();
    assertThat(breaker.tryPass()).isFalse();
    now.addAndGet(REST - 1);
    assertThat(breaker.tryPass()).isFalse();

    now.addAndGet(1);
    assertThat(breaker.tryPass()).isTrue();
    assertThat(breaker.tryPass()).isFalse();

    breaker.answered();
    assertThat(breaker.tryPass()).isTrue();
    assertThat(breaker.tryPass()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1})
  void a_probe_that_fails_begins_another_rest(long start) {
    AtomicLong now = new AtomicLong(start);
    Breaker breaker = new Breaker(Duration.ofMillis(500), now::get);
    breaker.away();
    now.addAndGet(REST);
    assertThat(breaker.tryPass()).isTrue();

    now.addAndGet(2 * REST);
    breaker.away();

    assertThat(breaker.tryPass()).isFalse();
    now.addAndGet(REST);
    assertThat(breaker.tryPass()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1})
  void a_probe_that_found_out_nothing_lets_the_next_one_try(long start) {
    AtomicLong now = new AtomicLong(start);
    Breaker breaker = new Breaker(Duration.ofMillis(500), now::get);
    breaker.away();
    now.addAndGet(REST);
    assertThat(breaker.tryPass()).isTrue();

    breaker.unknown();

    assertThat(breaker.tryPass()).isTrue();
    assertThat(breaker.tryPass()).isFalse();
  }
}

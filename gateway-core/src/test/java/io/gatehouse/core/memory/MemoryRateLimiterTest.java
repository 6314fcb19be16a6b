package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.contract.RateLimiterContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryRateLimiterTest extends RateLimiterContract {

  private final SettableClock clock = new SettableClock();

  @Override
  protected RateLimiter limiter(SettableClock clock) {
    return new MemoryRateLimiter(1024, clock.nanoTime(), clock);
  }

  @Test
  void the_last_nanosecond_of_a_wait_is_still_too_early() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge("a", Limit.of(3, Duration.ofSeconds(1)));
    for (int i = 0; i < 3; i++) {
      limiter.tryAcquire(List.of(charge));
    }
    Denied denied = (Denied) limiter.tryAcquire(List.of(charge));

    clock.advance(Duration.ofNanos(denied.retryAfterNanos() - 1));
    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Denied.class);

    clock.advance(Duration.ofNanos(1));
    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_clock_that_goes_back_costs_two_bursts_and_no_more() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge("a", Limit.of(10, Duration.ofSeconds(1)));
    clock.advance(Duration.ofHours(1));
    limiter.tryAcquire(List.of(charge));

    clock.advance(Duration.ofHours(-1));
    assertThat(limiter.tryAcquire(List.of(charge)))
        .isInstanceOfSatisfying(Denied.class, denied ->
            assertThat(denied.retryAfterNanos()).isEqualTo(Duration.ofMillis(1100).toNanos()));

    clock.advance(Duration.ofMillis(1100));
    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_clock_that_goes_back_costs_two_bursts_also_to_whoever_does_not_ask_how_long() {
    MemoryRateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime());
    List<Charge> charges = List.of(charge("a", Limit.of(10, Duration.ofSeconds(1))));
    clock.advance(Duration.ofHours(1));
    limiter.tryTake(charges);

    clock.advance(Duration.ofHours(-1));
    assertThat(limiter.tryTake(charges)).isFalse();

    clock.advance(Duration.ofMillis(1100));
    assertThat(limiter.tryTake(charges)).isTrue();
  }

  @Test
  void a_flood_of_buckets_shares_what_is_left_and_never_lifts_a_limit() {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime());
    Limit limit = Limit.of(2, Duration.ofMinutes(1));
    int admitted = 0;
    for (int i = 0; i < 1000; i++) {
      if (limiter.tryAcquire(List.of(charge("flood-" + i, limit))) instanceof Allowed) {
        admitted++;
      }
    }

    assertThat(admitted).isEqualTo(8 + 2);

    clock.advance(Duration.ofSeconds(30));
    assertThat(limiter.tryAcquire(List.of(charge("late", limit)))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_bucket_that_moves_from_the_common_word_to_a_slot_keeps_what_it_owes() {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime());
    Limit brief = Limit.of(1, Duration.ofSeconds(1));
    Limit slow = Limit.of(2, Duration.ofHours(1));
    for (int i = 0; i < 8; i++) {
      limiter.tryAcquire(List.of(charge("brief-" + i, brief)));
    }
    Charge moving = charge("moving", slow);
    assertThat(limiter.tryAcquire(List.of(moving))).isInstanceOf(Allowed.class);
    assertThat(limiter.tryAcquire(List.of(moving))).isInstanceOf(Allowed.class);

    clock.advance(Duration.ofSeconds(2));

    assertThat(limiter.tryAcquire(List.of(moving))).isInstanceOf(Denied.class);
    clock.advance(Duration.ofMinutes(30));
    assertThat(limiter.tryAcquire(List.of(moving))).isInstanceOf(Allowed.class);
    assertThat(limiter.tryAcquire(List.of(moving))).isInstanceOf(Denied.class);
  }

  @Test
  void a_denied_request_puts_back_what_it_took_from_the_common_word() {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime());
    for (int i = 0; i < 8; i++) {
      limiter.tryAcquire(List.of(charge("full-" + i, Limit.of(1, Duration.ofHours(1)))));
    }
    Charge crowded = charge("crowded", Limit.of(3, Duration.ofMinutes(1)));

    for (int i = 0; i < 10; i++) {
      assertThat(limiter.tryAcquire(List.of(crowded, charge("full-0", Limit.of(1, Duration.ofHours(1))))))
          .isInstanceOf(Denied.class);
    }

    assertThat(limiter.peek(List.of(crowded)).remaining()).isEqualTo(2);
  }

  @Test
  void a_wide_debt_in_the_common_word_is_not_forgiven_by_a_narrow_bucket() {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime());
    for (int i = 0; i < 8; i++) {
      limiter.tryAcquire(List.of(charge("full-" + i, Limit.of(1, Duration.ofDays(1)))));
    }
    Charge wide = charge("wide", Limit.of(1, Duration.ofHours(1)));
    Charge narrow = charge("narrow", Limit.of(1, Duration.ofSeconds(1)));
    assertThat(limiter.tryAcquire(List.of(wide))).isInstanceOf(Allowed.class);

    Decision decision = limiter.tryAcquire(List.of(narrow));

    assertThat(((Denied) decision).retryAfterNanos()).isEqualTo(Duration.ofHours(1).toNanos());
    assertThat(decision.remaining()).isZero();
    clock.advance(Duration.ofMinutes(59));
    assertThat(limiter.tryAcquire(List.of(wide))).isInstanceOf(Denied.class);
  }

  @Test
  void many_threads_that_fight_over_few_slots_never_exceed_any_limit() throws Exception {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime());
    Limit brief = new Limit(1, Duration.ofNanos(1), 1);
    Charge counted = charge("counted", Limit.of(100, Duration.ofDays(1)));
    java.util.concurrent.atomic.AtomicInteger admitted = new java.util.concurrent.atomic.AtomicInteger();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      int thread = t;
      threads[t] = new Thread(() -> {
        for (int i = 0; i < 20_000; i++) {
          clock.advance(Duration.ofNanos(1));
          limiter.tryAcquire(List.of(charge("brief-" + thread + "-" + i % 20, brief)));
          if (i % 10 == 0 && limiter.tryAcquire(List.of(counted)) instanceof Allowed) {
            admitted.incrementAndGet();
          }
        }
      });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(admitted.get()).isBetween(90, 100);
  }

  @Test
  void rates_above_a_million_a_second_are_not_exceeded_and_nearly_reached() {
    for (long permits : new long[] {3, 7, 30_000, 300_000, 700_000, 1_500_000, 9_999_999}) {
      RateLimiter limiter = limiter(clock);
      Charge charge = charge("a", new Limit(permits, Duration.ofSeconds(1), permits));
      Charge all = new Charge("p", "a", charge.limit(), permits);
      assertThat(limiter.tryAcquire(List.of(all))).isInstanceOf(Allowed.class);

      clock.advance(Duration.ofSeconds(1));
      long remaining = limiter.peek(List.of(charge)).remaining() + 1;

      assertThat(remaining).as("%d/s", permits).isBetween((long) (permits * 0.999), permits);
    }
  }

  @Test
  void to_take_is_to_acquire_without_the_numbers() {
    MemoryRateLimiter asked = new MemoryRateLimiter(8, clock.nanoTime());
    MemoryRateLimiter told = new MemoryRateLimiter(8, clock.nanoTime());
    Random random = new Random(5);
    int taken = 0;
    for (int i = 0; i < 2_000; i++) {
      List<Charge> charges = new ArrayList<>();
      for (int level = 0; level < 3; level++) {
        // Twelve buckets in eight slots: some are counted in the common word.
        String bucket = level + "-" + random.nextInt(4);
        charges.add(new Charge("p", bucket, Limit.of(5, Duration.ofSeconds(1)), 1 + random.nextInt(6)));
      }

      boolean acquired = told.tryAcquire(charges) instanceof Allowed;

      assertThat(asked.tryTake(charges)).isEqualTo(acquired);
      taken += acquired ? 1 : 0;
      clock.advance(Duration.ofMillis(random.nextInt(400)));
    }
    assertThat(taken).isBetween(100, 1_900);
    assertThatIllegalArgumentException().isThrownBy(() -> asked.tryTake(List.of()));
  }

  @Test
  void the_size_is_checked() {
    assertThatIllegalArgumentException().isThrownBy(() -> new MemoryRateLimiter(0, clock.nanoTime()))
        .withMessage("slots: 0 (expected: 1 to 2^26)");
    assertThat(new MemoryRateLimiter().peek(List.of(charge("a", Limit.of(5, Duration.ofSeconds(1))))).remaining())
        .isEqualTo(4);
  }

  private static Charge charge(String bucket, Limit limit) {
    return new Charge("policy", bucket, limit, 1);
  }
}

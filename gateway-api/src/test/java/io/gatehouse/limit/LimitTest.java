package io.gatehouse.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void the_extremes_are_allowed() {
    assertThat(new Limit(1, Duration.ofNanos(1), 1).permits()).isEqualTo(1);
    assertThat(new Limit(Limit.MOST, Duration.ofDays(366), Limit.MOST).burst()).isEqualTo(1L << 53);
    assertThat(Limit.of(100, MINUTE)).isEqualTo(new Limit(100, MINUTE, 100));
  }

  @Test
  void what_lies_beyond_is_refused_by_name() {
    refused(0, MINUTE, 1, "permits: 0 (expected: 1 to 2^53)");
    refused(Limit.MOST + 1, MINUTE, 1, "permits: 9007199254740993 (expected: 1 to 2^53)");
    refused(1, Duration.ZERO, 1, "period: PT0S (expected: more than zero, at most 366 days)");
    refused(1, MINUTE.negated(), 1, "period: PT-1M (expected: more than zero, at most 366 days)");
    refused(1, Duration.ofDays(366).plusNanos(1), 1,
        "period: PT8784H0.000000001S (expected: more than zero, at most 366 days)");
    refused(1, MINUTE, 0, "burst: 0 (expected: 1 to 2^53)");
    refused(1, MINUTE, Limit.MOST + 1, "burst: 9007199254740993 (expected: 1 to 2^53)");
  }

  @Test
  void a_charge_costs_something_and_names_its_bucket() {
    Limit limit = Limit.of(1, MINUTE);

    assertThat(new Charge("p", "b", limit, Limit.MOST).cost()).isEqualTo(Limit.MOST);
    assertThatIllegalArgumentException().isThrownBy(() -> new Charge("p", "b", limit, 0))
        .withMessage("cost: 0 (expected: 1 to 2^53)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Charge("p", "b", limit, Limit.MOST + 1))
        .withMessage("cost: 9007199254740993 (expected: 1 to 2^53)");
    assertThatNullPointerException().isThrownBy(() -> new Charge("p", none(), limit, 1)).withMessage("bucket");
  }

  @Test
  void limits_exclude_each_other_that_count_the_same_thing_the_same_way() {
    Limit minute = Limit.of(1, MINUTE);

    assertThat(minute.excludes(Limit.of(9, Duration.ofSeconds(60)))).isTrue();
    assertThat(minute.excludes(Limit.of(1, Duration.ofSeconds(61)))).isFalse();
    assertThat(minute.excludes(minute.asShadow())).isFalse();
    assertThat(minute.excludes(Limit.of(1, MINUTE, Algorithm.FIXED_WINDOW))).isFalse();
    assertThat(Limit.of(1, MINUTE, Algorithm.CONCURRENCY)
        .excludes(Limit.of(2, Duration.ofHours(1), Algorithm.CONCURRENCY))).isTrue();
  }

  private static void refused(long permits, Duration period, long burst, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Limit(permits, period, burst)).withMessage(message);
  }

  private static String none() {
    return null;
  }
}

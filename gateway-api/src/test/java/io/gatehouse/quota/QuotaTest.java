package io.gatehouse.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.Enforcement;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuotaTest {

  private static final LocalDate START = LocalDate.of(2026, 6, 1);
  private static final QuotaKey KEY = new QuotaKey("u", Meter.BYTES, Window.MONTH, START);
  private static final Instant JUNE = Instant.parse("2026-06-01T10:00:00Z");
  private static final Instant JULY = Instant.parse("2026-07-01T10:00:00Z");

  @Test
  void a_quota_has_a_name_for_answers() {
    assertThat(new Quota(Meter.REQUESTS, Window.DAY, 0).policy()).isEqualTo("requests-day");
    assertThat(new Quota(Meter.BYTES, Window.MONTH, Long.MAX_VALUE).policy()).isEqualTo("bytes-month");
    assertThat(new Quota(Meter.RESPONSE_BYTES, Window.DAY, 1).asShadow().policy())
        .isEqualTo("response-bytes-day-shadow");
    assertThat(new Quota(Meter.STORED_BYTES, Window.LIFETIME, 1).policy()).isEqualTo("stored-bytes");
    assertThat(KEY.policy()).isEqualTo("bytes-month");
  }

  @Test
  void amounts_are_not_negative() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Quota(Meter.BYTES, Window.DAY, -1))
        .withMessage("most: -1 (expected: 0 or more)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Claim(KEY, -1, 0))
        .withMessage("amount, most: -1, 0 (expected: 0 or more)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Claim(KEY, 0, -2))
        .withMessage("amount, most: 0, -2 (expected: 0 or more)");
    assertThat(new Claim(KEY, 0, 0)).isEqualTo(new Claim(KEY, 0, 0));
  }

  @Test
  void only_what_is_stored_has_a_lifetime_and_it_has_nothing_else() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Quota(Meter.BYTES, Window.LIFETIME, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Quota(Meter.STORED_BYTES, Window.MONTH, 1));
  }

  @Test
  void what_may_be_reached_depends_on_what_is_done_beyond() {
    Quota hard = new Quota(Meter.REQUESTS, Window.DAY, 10);
    Quota soft = new Quota(Meter.REQUESTS, Window.DAY, 10, Beyond.SOFT);
    Quota open = new Quota(Meter.REQUESTS, Window.DAY, 10, Beyond.OVERAGE);
    Quota capped = hard.withOverage(15);

    assertThat(List.of(hard.ceiling(), soft.ceiling(), open.ceiling(), capped.ceiling()))
        .containsExactly(10L, Quota.UNCAPPED, Quota.UNCAPPED, 15L);
    assertThat(List.of(hard.refuses(), soft.refuses(), open.refuses(), capped.refuses()))
        .containsExactly(true, false, false, true);
    assertThat(hard.asShadow().refuses()).isFalse();
    assertThat(List.of(capped.overage(9), capped.overage(10), capped.overage(13))).containsExactly(0L, 0L, 3L);
  }

  @Test
  void a_cap_is_above_the_quota_and_only_of_overage() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Quota(Meter.BYTES, Window.DAY, 10).withOverage(9))
        .withMessage("cap: 9 (expected: most or more, and only with OVERAGE)");
    assertThatIllegalArgumentException().isThrownBy(
        () -> new Quota(Meter.BYTES, Window.DAY, 10, Beyond.HARD, 20, Enforcement.ENFORCED));
  }

  @Test
  void a_shadow_would_refuse() {
    assertThatIllegalArgumentException().isThrownBy(
        () -> new Quota(Meter.BYTES, Window.DAY, 10, Beyond.SOFT).asShadow());
    assertThatIllegalArgumentException().isThrownBy(
        () -> new Quota(Meter.STORED_BYTES, Window.LIFETIME, 10).asShadow());
  }

  @Test
  void a_part_of_a_quota_is_rounded_up_and_never_overflows() {
    Random random = new Random(50);
    for (int round = 0; round < 10_000; round++) {
      long most = random.nextLong(Long.MAX_VALUE) >> random.nextInt(63);
      int percent = 1 + random.nextInt(100);

      BigInteger exact = BigInteger.valueOf(most).multiply(BigInteger.valueOf(percent));
      BigInteger[] parts = exact.divideAndRemainder(BigInteger.valueOf(100));
      long expected = parts[0].longValueExact() + parts[1].signum();
      assertThat(new Quota(Meter.BYTES, Window.DAY, most).level(percent)).isEqualTo(expected);
    }
    assertThat(new Quota(Meter.BYTES, Window.DAY, Long.MAX_VALUE).level(100)).isEqualTo(Long.MAX_VALUE);
    assertThat(new Quota(Meter.BYTES, Window.DAY, 3).level(50)).isEqualTo(2);
  }

  @Test
  void a_count_that_was_begun_anew_has_a_period_of_its_own_that_can_be_read_back() {
    QuotaKey anew = KEY.anew().anew();

    assertThat(KEY.period()).isEqualTo("2026-06-01");
    assertThat(anew.period()).isEqualTo("2026-06-01.2");
    assertThat(QuotaKey.of("u", Meter.BYTES, Window.MONTH, "2026-06-01")).isEqualTo(KEY);
    assertThat(QuotaKey.of("u", Meter.BYTES, Window.MONTH, "2026-06-01.2")).isEqualTo(anew);
    for (String wrong : new String[] {"", "2026-06", "2026-06-01.", "2026-06-01.x", "2026-06-01.-1"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> QuotaKey.of("u", Meter.BYTES, Window.MONTH, wrong));
    }
  }

  @Test
  void counts_begun_anew_are_those_of_their_own_period_only() {
    QuotaPeriods periods = new QuotaPeriods(BillingCalendar.UTC, List.of(KEY.anew()));

    assertThat(periods.keyAt(JUNE, "u", Meter.BYTES, Window.MONTH)).isEqualTo(KEY.anew());
    assertThat(periods.keyAt(JULY, "u", Meter.BYTES, Window.MONTH).resets()).isZero();
    assertThat(periods.keyAt(JUNE, "u", Meter.BYTES, Window.DAY).resets()).isZero();
    assertThat(periods.keyAt(JUNE, "u", Meter.REQUESTS, Window.MONTH).resets()).isZero();
    assertThat(periods.keyAt(JUNE, "shadow:u", Meter.BYTES, Window.MONTH).resets()).isEqualTo(1);
  }

  @Test
  void pixels_are_told_in_millions() {
    assertThat(Meter.PIXELS.text(500_000_000)).isEqualTo("500 megapixels");
    assertThat(Meter.PIXELS.text(12_560_000)).isEqualTo("12.5 megapixels");
    assertThat(Meter.PIXELS.text(99)).isEqualTo("0 megapixels");
    assertThat(Meter.BYTES.text(1_000_000)).isEqualTo("1000000");
  }
}

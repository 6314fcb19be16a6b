package io.gatehouse.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class QuotaTest {

  private static final QuotaKey KEY = new QuotaKey("u", Meter.BYTES, Window.MONTH, LocalDate.of(2026, 6, 1));

  @Test
  void a_quota_has_a_name_for_answers() {
    assertThat(new Quota(Meter.REQUESTS, Window.DAY, 0).policy()).isEqualTo("requests-day");
    assertThat(new Quota(Meter.BYTES, Window.MONTH, Long.MAX_VALUE).policy()).isEqualTo("bytes-month");
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
}

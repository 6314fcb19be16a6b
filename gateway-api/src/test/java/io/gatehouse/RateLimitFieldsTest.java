package io.gatehouse;

import static io.gatehouse.RateLimitFields.DRAFT_10;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitFieldsTest {

  @Test
  void a_limit_has_permits_and_a_window_of_whole_seconds() {
    assertThat(DRAFT_10.item("user-minute", new Limit(1000, Duration.ofMinutes(1), 20)))
        .isEqualTo("\"user-minute\";q=1000;w=60");
    assertThat(DRAFT_10.item("user-250ms", Limit.of(5, Duration.ofMillis(250)))).isEqualTo("\"user-250ms\";q=5;w=1");
  }

  @Test
  void a_quota_has_a_unit_unless_it_is_requests_and_a_window_unless_it_is_a_month() {
    assertThat(DRAFT_10.item(new Quota(Meter.REQUESTS, Window.DAY, 10))).isEqualTo("\"requests-day\";q=10;w=86400");
    assertThat(DRAFT_10.item(new Quota(Meter.REQUESTS, Window.MONTH, 10))).isEqualTo("\"requests-month\";q=10");
    assertThat(DRAFT_10.item(new Quota(Meter.BYTES, Window.MONTH, 1L << 53)))
        .as("no integer of a structured field has more than 15 digits")
        .isEqualTo("\"bytes-month\";q=999999999999999;qu=\"content-bytes\"");
  }
}

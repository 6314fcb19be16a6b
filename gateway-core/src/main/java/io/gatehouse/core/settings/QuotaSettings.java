package io.gatehouse.core.settings;

import io.gatehouse.quota.Quota;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;

/**
 * How much callers may use who have no quotas of their own.
 *
 * @param quotas at most one for each meter and window; default none, use is counted all the same
 * @param timeZone where days and months begin; default UTC
 * @param flushInterval how often use is written to the database, 10 ms to 1 min; default 1 s
 */
public record QuotaSettings(List<Quota> quotas, ZoneId timeZone, Duration flushInterval) {
  public QuotaSettings {
    quotas = List.copyOf(quotas);
  }
}

package io.gatehouse.core.settings;

import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import java.time.Duration;
import java.util.List;

/**
 * How much callers may use who have no quotas of their own.
 *
 * @param quotas at most one for each meter and window; default none, requests and bytes are counted all the same
 * @param calendar when days and months begin, for users without a calendar of their own; default those of UTC
 * @param whenExhausted what becomes of answers under way when a quota of bytes is used up; default they are finished
 * @param thresholds at how many percent of a quota it is told, ascending, 1 to 100; default 50, 80, 100
 * @param flushInterval how often use is written to the database, 10 ms to 1 min; default 1 s
 */
public record QuotaSettings(
    List<Quota> quotas,
    BillingCalendar calendar,
    WhenExhausted whenExhausted,
    List<Integer> thresholds,
    Duration flushInterval) {

  /** What becomes of answers that are under way when a quota of bytes is used up. */
  public enum WhenExhausted {
    /** They are finished. */
    FINISH,
    /** They are broken off. */
    CUT
  }

  public QuotaSettings {
    quotas = List.copyOf(quotas);
    thresholds = List.copyOf(thresholds);
  }
}

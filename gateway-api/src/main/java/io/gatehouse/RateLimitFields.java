package io.gatehouse;

import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * How limits and quotas are told in the fields of an answer: by {@code X-RateLimit-Limit}, {@code -Remaining} and
 * {@code -Reset} (seconds until all is there again), and by two fields of draft-ietf-httpapi-ratelimit-headers. Each
 * constant is one draft: the names of its fields and of their parameters.
 */
public enum RateLimitFields {
  DRAFT_10("RateLimit-Policy", "RateLimit", ";q=", ";qu=", ";w=", ";r=", ";t=");

  /** The longest wait that is told; beyond it the number says no more than "not soon". */
  private static final long LONGEST_SECONDS = Duration.ofDays(366).toSeconds();

  /** RFC 9651, 3.3.1: no integer has more digits. */
  private static final long LARGEST_INTEGER = 999_999_999_999_999L;

  private final String policyField;
  private final String limitField;
  private final String quota;
  private final String unit;
  private final String window;
  private final String remaining;
  private final String reset;

  RateLimitFields(
      String policyField,
      String limitField,
      String quota,
      String unit,
      String window,
      String remaining,
      String reset) {
    this.policyField = policyField;
    this.limitField = limitField;
    this.quota = quota;
    this.unit = unit;
    this.window = window;
    this.remaining = remaining;
    this.reset = reset;
  }

  /** The name of the field that lists all rules which apply to a caller. */
  public String policyField() {
    return policyField;
  }

  /**
   * A limit as an item of the list: {@code "user-minute";q=1000;w=60}, or {@code
   * "user-concurrency";q=5;qu="concurrent-requests"}, which has no window.
   */
  public String item(String policy, Limit limit) {
    if (limit.algorithm().isHeld()) {
      return quoted(policy) + quota + integer(limit.permits()) + unit + quoted("concurrent-requests");
    }
    // The draft knows whole seconds above zero only.
    return quoted(policy) + quota + integer(limit.permits()) + window + Math.max(1, limit.period().toSeconds());
  }

  /**
   * A quota as an item of the list: {@code "bytes-month";q=1000000000;qu="content-bytes"}. Months have no window, since
   * they are of different lengths. Of one with overage it tells the cap, since that is what refuses.
   */
  public String item(Quota rule) {
    return item(rule.policy(), rule);
  }

  /** The same under a name that says whose quota it is. */
  public String item(String policy, Quota rule) {
    return quoted(policy)
        + quota + integer(rule.ceiling())
        + unit(rule.meter())
        + (rule.window() == Window.DAY ? window + Duration.ofDays(1).toSeconds() : "");
  }

  /**
   * Writes where one rule stands, the tightest, in both ways.
   *
   * @param most what the rule gives out in its period
   * @param left what is left, 0 or more
   * @param full how long until all is there again
   * @param more how long until a refused request would pass; as {@code full} for one that passes
   */
  public void write(
      BiConsumer<String, String> answer, String policy, long most, long left, Duration full, Duration more) {
    answer.accept("X-RateLimit-Limit", Long.toString(most));
    answer.accept("X-RateLimit-Remaining", Long.toString(left));
    answer.accept("X-RateLimit-Reset", Long.toString(seconds(full)));
    answer.accept(limitField, quoted(policy) + remaining + integer(left) + reset + seconds(more));
  }

  private String unit(Meter meter) {
    return switch (meter) {
      case REQUESTS -> "";
      case BYTES, REQUEST_BYTES, RESPONSE_BYTES, STORED_BYTES -> unit + quoted("content-bytes");
      case PIXELS -> unit + quoted("pixels");
    };
  }

  /** Rounded up, so that nobody comes back too early. */
  private static long seconds(Duration duration) {
    return Math.min(duration.toSeconds() + (duration.toNanosPart() == 0 ? 0 : 1), LONGEST_SECONDS);
  }

  private static long integer(long number) {
    return Math.min(number, LARGEST_INTEGER);
  }

  private static String quoted(String policy) {
    return '"' + policy + '"';
  }
}

package io.gatehouse.core.limit;

import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import java.time.Duration;

/**
 * Tells a caller where a limit stands, by its tightest charge: {@code X-RateLimit-Limit}, {@code -Remaining} and
 * {@code -Reset} (seconds until full, rounded up), and {@code RateLimit-Policy} and {@code RateLimit} as
 * draft-ietf-httpapi-ratelimit-headers-10 has them, with {@code t} the seconds until more is there.
 */
final class LimitFields {

  /** The longest wait that is told; beyond it the number says no more than "not soon". */
  private static final long LONGEST_SECONDS = Duration.ofDays(366).toSeconds();

  private LimitFields() {}

  static void write(Passage passage, Decision decision) {
    String policy = decision.tightest().policy();
    Limit limit = decision.tightest().limit();
    long reset = seconds(decision.resetAfterNanos());
    long more = decision instanceof Decision.Denied denied ? seconds(denied.retryAfterNanos()) : reset;
    passage.responseHeader("X-RateLimit-Limit", Long.toString(limit.permits()));
    passage.responseHeader("X-RateLimit-Remaining", Long.toString(decision.remaining()));
    passage.responseHeader("X-RateLimit-Reset", Long.toString(reset));
    // The draft knows whole seconds above zero only.
    long window = Math.max(1, limit.period().toSeconds());
    passage.responseHeader("RateLimit-Policy", "\"" + policy + "\";q=" + limit.permits() + ";w=" + window);
    passage.responseHeader("RateLimit", "\"" + policy + "\";r=" + decision.remaining() + ";t=" + more);
  }

  static Refusal refusal(Decision.Denied denied) {
    String policy = denied.tightest().policy();
    return new Refusal(
        Refusal.Reason.RATE_LIMITED,
        "The limit " + policy + " of " + denied.tightest().limit().permits() + " is used up for now.",
        Duration.ofSeconds(Math.max(1, seconds(denied.retryAfterNanos()))),
        policy);
  }

  private static long seconds(long nanos) {
    return Math.min(nanos / 1_000_000_000L + (nanos % 1_000_000_000L == 0 ? 0 : 1), LONGEST_SECONDS);
  }
}

package io.gatehouse.core.limit;

import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.function.BiConsumer;

/** What a decision of a limiter is in words: to the caller of an answer, and as a refusal. */
record LimitFields(Decision decision) implements Passage.Fields {

  @Override
  public void writeTo(BiConsumer<String, String> answer) {
    Limit limit = decision.tightest().limit();
    Duration full = Duration.ofNanos(decision.resetAfterNanos());
    Duration more = decision instanceof Decision.Denied denied ? Duration.ofNanos(denied.retryAfterNanos()) : full;
    PolicyFields.FIELDS.write(
        answer, decision.tightest().policy(), limit.permits(), decision.remaining(), full, more);
  }

  static Refusal refusal(Decision.Denied denied) {
    String policy = denied.tightest().policy();
    return new Refusal(
        denied.mode() == Decision.Mode.LOCAL ? Refusal.Reason.REDUCED_CAPACITY : Refusal.Reason.RATE_LIMITED,
        detail(policy, denied),
        rounded(denied.retryAfterNanos()),
        policy);
  }

  private static String detail(String policy, Decision.Denied denied) {
    Limit limit = denied.tightest().limit();
    String what =
        limit.algorithm().isHeld()
            ? "The " + limit.permits() + " requests at once of the limit " + policy + " are under way"
            : "The limit " + policy + " of " + limit.permits() + " is used up for now";
    return what + (denied.mode() == Decision.Mode.LOCAL ? ", by the share of this node alone." : ".");
  }

  /** In whole seconds, at least one, and at most a leap year: never is told as not soon. */
  static Duration rounded(long nanos) {
    long seconds = nanos / 1_000_000_000L + (nanos % 1_000_000_000L == 0 ? 0 : 1);
    return Duration.ofSeconds(Math.max(1, Math.min(seconds, Duration.ofDays(366).toSeconds())));
  }
}

package io.gatehouse.core.limit;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Turns limits into what one request is charged: the user's own limits, or the defaults, and the limits of the whole
 * API. Rules are named by level and period: {@code user-minute}, {@code api-hour}, {@code ip-90s}; those that do not count
 * tokens have their algorithm behind it: {@code user-minute-sliding}, {@code -log}, {@code -fixed}; that of requests under
 * way is {@code user-concurrency}. Those in the shadow have {@code -shadow} behind it and buckets of their own.
 *
 * <p>Immutable. {@link #chargesFor} blocks as the policy does.
 */
public final class LimitPlan {

  private static final Map<Duration, String> PERIODS =
      Map.of(
          Duration.ofSeconds(1), "second",
          Duration.ofMinutes(1), "minute",
          Duration.ofHours(1), "hour",
          Duration.ofDays(1), "day");

  private final List<Limit> userDefaults;
  private final List<Charge> apiCharges;
  private final LimitPolicy policy;

  /**
   * A plan.
   *
   * @param userDefaults for users without limits of their own
   * @param apiLimits shared by all users together
   */
  public LimitPlan(List<Limit> userDefaults, List<Limit> apiLimits, LimitPolicy policy) {
    this.userDefaults = List.copyOf(userDefaults);
    this.apiCharges = charges("api", "api", apiLimits);
    this.policy = policy;
  }

  /** What one request of a user costs, the user's own limits first. */
  public List<Charge> chargesFor(String user) {
    List<Limit> limits = policy.limitsOf(user).orElse(userDefaults);
    List<Charge> all = new ArrayList<>(charges("user", "user:" + user, limits));
    all.addAll(apiCharges);
    return List.copyOf(all);
  }

  /** One charge of cost 1 for each limit of a level, all against the same bucket, but for shadows. */
  static List<Charge> charges(String level, String bucket, List<Limit> limits) {
    return limits.stream().map(limit -> charge(level + "-" + name(limit), bucket, limit)).toList();
  }

  private static Charge charge(String policy, String bucket, Limit limit) {
    return limit.isShadow()
        ? new Charge(policy + "-shadow", "shadow:" + bucket, limit, 1)
        : new Charge(policy, bucket, limit, 1);
  }

  private static String name(Limit limit) {
    return switch (limit.algorithm()) {
      case TOKEN_BUCKET -> name(limit.period());
      case SLIDING_WINDOW -> name(limit.period()) + "-sliding";
      case SLIDING_LOG -> name(limit.period()) + "-log";
      case FIXED_WINDOW -> name(limit.period()) + "-fixed";
      case CONCURRENCY -> "concurrency";
    };
  }

  private static String name(Duration period) {
    String word = PERIODS.get(period);
    return word != null ? word : period.toMillis() % 1000 == 0 ? period.toSeconds() + "s" : period.toMillis() + "ms";
  }
}

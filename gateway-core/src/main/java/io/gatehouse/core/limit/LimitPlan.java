package io.gatehouse.core.limit;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.EndpointCharges;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitPolicy;
import io.gatehouse.plan.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Turns limits into what one request is charged: those of its endpoint, of each level the caller's own, those
 * of their plan or the defaults, and those of the whole API. Rules are named by level and period: {@code user-minute}, {@code api-hour}, {@code ip-90s};
 * those that do not count tokens have their algorithm behind it: {@code user-minute-sliding}, {@code -log},
 * {@code -fixed}; that of requests under way is {@code user-concurrency}. Those in the shadow have {@code -shadow} behind
 * it and buckets of their own.
 *
 * <p>Immutable. {@link #tariffOf} blocks as the policy does.
 */
public final class LimitPlan {

  /** Whom callers that nobody knows are counted for, where users are counted one by one. */
  private static final String NOBODY = "-";

  private static final Map<Duration, String> PERIODS =
      Map.of(
          Duration.ofSeconds(1), "second",
          Duration.ofMinutes(1), "minute",
          Duration.ofHours(1), "hour",
          Duration.ofDays(1), "day");

  private final Rules rules;
  private final LimitPolicy policy;

  /**
   * What is limited unless an owner has limits of its own, or of the plan of the user.
   *
   * @param user each user without limits of their own
   * @param key each key without limits of its own; both halves of a rotation are one key
   * @param tenant each tenant without limits of its own
   * @param api all callers together
   * @param endpoints parts of the API; the first that covers a request holds
   */
  public record Rules(
      List<Limit> user, List<Limit> key, List<Limit> tenant, List<Limit> api, List<EndpointLimits> endpoints) {
    public Rules {
      user = List.copyOf(user);
      key = List.copyOf(key);
      tenant = List.copyOf(tenant);
      api = List.copyOf(api);
      endpoints = List.copyOf(endpoints);
    }
  }

  public LimitPlan(Rules rules, LimitPolicy policy) {
    this.rules = rules;
    this.policy = policy;
  }

  /**
   * What the requests of a key cost.
   *
   * @param lineage of the key
   * @param plan the plan of the user
   * @param fields the fields of an answer that tell these charges
   */
  public Tariff tariffOf(
      String user,
      String lineage,
      Optional<String> tenant,
      Optional<Plan> plan,
      Function<List<Charge>, Map<String, String>> fields) {
    List<Rule> levels = new ArrayList<>();
    levels.add(new Rule("key", "key:" + lineage, own(Level.KEY, lineage, plan, rules.key())));
    levels.add(new Rule("user", "user:" + user, own(Level.USER, user, plan, rules.user())));
    tenant.ifPresent(
        name -> levels.add(new Rule("tenant", "tenant:" + name, own(Level.TENANT, name, plan, rules.tenant()))));
    return tariff(levels, user, fields);
  }

  /** What a request costs of which nobody knows who sent it. Does not block. */
  public Tariff anonymous(Function<List<Charge>, Map<String, String>> fields) {
    return tariff(List.of(), NOBODY, fields);
  }

  private List<Limit> own(Level level, String owner, Optional<Plan> plan, List<Limit> defaults) {
    return policy.limitsOf(level, owner).or(() -> plan.flatMap(of -> of.limitsOf(level))).orElse(defaults);
  }

  private Tariff tariff(List<Rule> levels, String user, Function<List<Charge>, Map<String, String>> fields) {
    List<Rule> everywhere = new ArrayList<>(levels);
    everywhere.add(new Rule("api", "api", rules.api()));
    List<Charge> plain = charges(everywhere, 1);
    List<EndpointCharges> endpoints = new ArrayList<>();
    for (EndpointLimits each : rules.endpoints()) {
      List<Rule> here = new ArrayList<>();
      here.add(ruleOf(each, user));
      here.addAll(everywhere);
      List<Charge> charges = charges(here, each.cost());
      endpoints.add(new EndpointCharges(each.endpoint(), charges, fields.apply(charges)));
    }
    return new Tariff(plain, fields.apply(plain), endpoints);
  }

  private static Rule ruleOf(EndpointLimits limits, String user) {
    String level = "endpoint-" + limits.endpoint().name();
    String bucket = "endpoint:" + limits.endpoint().name();
    return switch (limits.per()) {
      case ALL -> new Rule(level, bucket, limits.limits());
      case USER -> new Rule(level, bucket + ":user:" + user, limits.limits());
    };
  }

  /** Limits, what they are called and who shares them. */
  private record Rule(String level, String bucket, List<Limit> limits) {}

  private static List<Charge> charges(List<Rule> rules, long cost) {
    return rules.stream()
        .flatMap(rule -> rule.limits().stream().map(limit -> charge(rule.level(), rule.bucket(), limit, cost)))
        .toList();
  }

  /** One charge of cost 1 for each limit of a level, all against the same bucket, but for shadows. */
  static List<Charge> charges(String level, String bucket, List<Limit> limits) {
    return limits.stream().map(limit -> charge(level, bucket, limit, 1)).toList();
  }

  private static Charge charge(String level, String bucket, Limit limit, long cost) {
    String policy = level + "-" + name(limit);
    long due = limit.algorithm().isHeld() ? 1 : cost;
    return limit.isShadow()
        ? new Charge(policy + "-shadow", "shadow:" + bucket, limit, due)
        : new Charge(policy, bucket, limit, due);
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

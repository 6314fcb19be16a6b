package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Enforcement;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** How fast the owners of one level may be: limits of their own, or those of the configuration. */
final class LimitsResource {

  /** Every one of them is charged by every request. */
  private static final int MOST_LIMITS = 16;

  private static final FieldType<Long> PERMITS = FieldTypes.count(1, Limit.MOST);
  private static final FieldType<Duration> PERIOD =
      FieldTypes.duration(Duration.ofMillis(1), Duration.ofDays(366));
  private static final FieldType<Algorithm> ALGORITHM = FieldTypes.choice(Algorithm.class);

  private final LimitAdmin limits;
  private final Level level;
  private final List<Limit> defaults;
  private final Duration concurrencyTimeout;
  private final FieldType<List<Limit>> list;

  /**
   * The limits of one level.
   *
   * @param defaults for owners without limits of their own
   * @param concurrencyTimeout the period of limits of concurrent requests that come without one
   */
  LimitsResource(LimitAdmin limits, Level level, List<Limit> defaults, Duration concurrencyTimeout) {
    this.limits = limits;
    this.level = level;
    this.defaults = defaults;
    this.concurrencyTimeout = concurrencyTimeout;
    this.list = FieldTypes.list(this::limit, MOST_LIMITS);
  }

  /**
   * Adds the routes.
   *
   * @param path below the root of administration, with {@code {id}}
   * @param owner finds the owner that the path names, or ends the request with 404
   */
  void addTo(Router router, String path, UnaryOperator<String> owner) {
    String whole = AdminServlet.ROOT + path;
    router.add("GET", whole, call -> show(call, owner.apply(call.id())));
    router.add("PUT", whole, call -> replace(call, owner.apply(call.id())));
    router.add("DELETE", whole, call -> reset(call, owner.apply(call.id())));
  }

  private Answer show(Call call, String owner) {
    call.check();
    ObjectNode body = json(owner);
    return Answer.ok(body).tagged(body);
  }

  private Answer replace(Call call, String owner) {
    Optional<List<Limit>> own = call.body("limits").require("limits", list);
    own.ifPresent(fresh -> requireDistinct(fresh, call.faults()));
    call.check();
    call.expect(json(owner));
    keep(owner, own);
    ObjectNode body = json(owner);
    return Answer.ok(body).tagged(body);
  }

  private Answer reset(Call call, String owner) {
    call.check();
    call.expect(json(owner));
    keep(owner, Optional.empty());
    return Answer.noContent();
  }

  private void keep(String owner, Optional<List<Limit>> own) {
    try {
      limits.replaceLimits(level, owner, own);
    } catch (IllegalArgumentException e) {
      // All else was checked.
      throw ProblemException.notFound("The owner of these limits was deleted in the meantime.");
    }
  }

  private Optional<Limit> limit(String path, JsonNode value, Faults faults) {
    Fields fields =
        Fields.of(path, value, faults, List.of("permits", "period", "burst", "algorithm", "shadow"));
    Optional<Long> permits = fields.require("permits", PERMITS);
    boolean chosen = value.has("algorithm");
    Optional<Algorithm> algorithm =
        chosen ? fields.get("algorithm", ALGORITHM) : Optional.of(Algorithm.TOKEN_BUCKET);
    boolean concurrency = algorithm.equals(Optional.of(Algorithm.CONCURRENCY));
    Optional<Duration> period =
        concurrency && !value.has("period") ? Optional.of(concurrencyTimeout) : fields.require("period", PERIOD);
    Optional<Long> burst = fields.get("burst", PERMITS);
    boolean shadow = fields.get("shadow", FieldTypes.BOOLEAN).orElse(false);
    if (permits.isEmpty() || period.isEmpty() || algorithm.isEmpty()) {
      return Optional.empty();
    }
    String name = FieldTypes.nameOf(algorithm.get());
    if (value.has("burst") && algorithm.get() != Algorithm.TOKEN_BUCKET) {
      faults.add(path + ".burst", "beside " + name + " (expected: none; only a token-bucket has a burst)");
      return Optional.empty();
    }
    if (algorithm.get() == Algorithm.SLIDING_LOG && permits.get() > Limit.MOST_LOGGED) {
      faults.add(
          path + ".permits", permits.get() + " (expected: 1 to " + Limit.MOST_LOGGED + " with a " + name + ")");
      return Optional.empty();
    }
    return Optional.of(
        new Limit(
            permits.get(),
            period.get(),
            burst.orElse(permits.get()),
            algorithm.get(),
            shadow ? Enforcement.SHADOW : Enforcement.ENFORCED));
  }

  private static void requireDistinct(List<Limit> limits, Faults faults) {
    for (int i = 0; i < limits.size(); i++) {
      Limit limit = limits.get(i);
      if (limits.subList(0, i).stream().anyMatch(limit::excludes)) {
        boolean concurrency = limit.algorithm() == Algorithm.CONCURRENCY;
        faults.add(
            "limits[" + i + "]." + (concurrency ? "algorithm" : "period"),
            (concurrency ? FieldTypes.nameOf(limit.algorithm()) : Durations.text(limit.period()))
                + " again (expected: each period once for each algorithm, concurrency once, and all once as a shadow)");
      }
    }
  }

  private ObjectNode json(String owner) {
    Optional<List<Limit>> own = limits.limitsOf(level, owner);
    ObjectNode json = Json.object().put("own", own.isPresent());
    ArrayNode rows = json.putArray("limits");
    for (Limit limit : own.orElse(defaults)) {
      ObjectNode row =
          rows.addObject().put("permits", limit.permits()).put("period", Durations.text(limit.period()));
      if (limit.algorithm() == Algorithm.TOKEN_BUCKET) {
        row.put("burst", limit.burst());
      }
      row.put("algorithm", FieldTypes.nameOf(limit.algorithm())).put("shadow", limit.isShadow());
    }
    return json;
  }
}

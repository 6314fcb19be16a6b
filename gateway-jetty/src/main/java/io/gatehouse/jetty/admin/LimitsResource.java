package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How fast a user may be: limits of their own, or those of the configuration. */
final class LimitsResource {

  private static final String PATH = AdminServlet.ROOT + "users/{id}/limits";

  /** Every one of them is charged by every request. */
  private static final int MOST_LIMITS = 16;

  private static final FieldType<Long> PERMITS = FieldTypes.count(1, Limit.MOST);
  private static final FieldType<Duration> PERIOD =
      FieldTypes.duration(Duration.ofMillis(1), Duration.ofDays(366));
  private static final FieldType<List<Limit>> LIMITS = FieldTypes.list(LimitsResource::limit, MOST_LIMITS);

  private final LimitAdmin limits;
  private final List<Limit> defaults;
  private final KnownUsers users;

  LimitsResource(LimitAdmin limits, List<Limit> defaults, KnownUsers users) {
    this.limits = limits;
    this.defaults = defaults;
    this.users = users;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("PUT", PATH, this::replace);
    router.add("DELETE", PATH, this::reset);
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = json(users.require(call.id()).id());
    return Answer.ok(body).tagged(body);
  }

  private Answer replace(Call call) {
    String user = users.require(call.id()).id();
    Optional<List<Limit>> own = call.body("limits").require("limits", LIMITS);
    own.ifPresent(list -> requireOnePerPeriod(list, call.faults()));
    call.check();
    call.expect(json(user));
    keep(user, own);
    ObjectNode body = json(user);
    return Answer.ok(body).tagged(body);
  }

  private Answer reset(Call call) {
    String user = users.require(call.id()).id();
    call.check();
    call.expect(json(user));
    keep(user, Optional.empty());
    return Answer.noContent();
  }

  private void keep(String user, Optional<List<Limit>> own) {
    try {
      limits.replaceLimits(user, own);
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
  }

  private static Optional<Limit> limit(String path, JsonNode value, Faults faults) {
    Fields fields = Fields.of(path, value, faults, List.of("permits", "period", "burst", "shadow"));
    Optional<Long> permits = fields.require("permits", PERMITS);
    Optional<Duration> period = fields.require("period", PERIOD);
    Optional<Long> burst = fields.get("burst", PERMITS).or(() -> permits);
    boolean shadow = fields.get("shadow", FieldTypes.BOOLEAN).orElse(false);
    return permits.isPresent() && period.isPresent()
        ? Optional.of(new Limit(permits.get(), period.get(), burst.get())).map(it -> shadow ? it.asShadow() : it)
        : Optional.empty();
  }

  private static void requireOnePerPeriod(List<Limit> limits, Faults faults) {
    Set<List<Object>> periods = new HashSet<>();
    for (int i = 0; i < limits.size(); i++) {
      Limit limit = limits.get(i);
      if (!periods.add(List.of(limit.period(), limit.enforcement()))) {
        faults.add(
            "limits[" + i + "].period",
            Durations.text(limit.period()) + " again (expected: each period once, and once as a shadow)");
      }
    }
  }

  private ObjectNode json(String user) {
    Optional<List<Limit>> own = limits.limitsOf(user);
    ObjectNode json = Json.object().put("own", own.isPresent());
    ArrayNode rows = json.putArray("limits");
    for (Limit limit : own.orElse(defaults)) {
      rows.addObject()
          .put("permits", limit.permits())
          .put("period", Durations.text(limit.period()))
          .put("burst", limit.burst())
          .put("shadow", limit.isShadow());
    }
    return json;
  }
}

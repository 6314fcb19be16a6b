package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import io.gatehouse.plan.Plans;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How fast the owners of one level may be: limits of their own, those of the plan, or those of the configuration. */
final class LimitsResource {

  private final LimitAdmin limits;
  private final Level level;
  private final List<Limit> defaults;
  private final Plans plans;
  private final FieldType<List<Limit>> list;

  /**
   * The owner of limits.
   *
   * @param user whose plan holds where the owner has no limits of its own; empty: nobody's
   */
  record Owner(String id, Optional<String> user) {}

  /**
   * The limits of one level.
   *
   * @param defaults for owners without limits of their own and of a plan
   * @param concurrencyTimeout the period of limits of concurrent requests that come without one
   */
  LimitsResource(LimitAdmin limits, Level level, List<Limit> defaults, Plans plans, Duration concurrencyTimeout) {
    this.limits = limits;
    this.level = level;
    this.defaults = defaults;
    this.plans = plans;
    this.list = LimitRows.type(concurrencyTimeout);
  }

  /**
   * Adds the routes.
   *
   * @param path below the root of administration, with {@code {id}}
   * @param owner finds the owner that the path names, or ends the request with 404
   */
  void addTo(Router router, String path, Function<String, Owner> owner) {
    String whole = AdminServlet.ROOT + path;
    router.add("GET", whole, call -> show(call, owner.apply(call.id())));
    router.add("PUT", whole, call -> replace(call, owner.apply(call.id())));
    router.add("DELETE", whole, call -> reset(call, owner.apply(call.id())));
  }

  private Answer show(Call call, Owner owner) {
    call.check();
    ObjectNode body = json(owner);
    return Answer.ok(body).tagged(body);
  }

  private Answer replace(Call call, Owner owner) {
    Optional<List<Limit>> own = call.body("limits").require("limits", list);
    call.check();
    call.expect(json(owner));
    keep(owner, own);
    ObjectNode body = json(owner);
    return Answer.ok(body).tagged(body);
  }

  private Answer reset(Call call, Owner owner) {
    call.check();
    call.expect(json(owner));
    keep(owner, Optional.empty());
    return Answer.noContent();
  }

  private void keep(Owner owner, Optional<List<Limit>> own) {
    try {
      limits.replaceLimits(level, owner.id(), own);
    } catch (IllegalArgumentException e) {
      // All else was checked.
      throw ProblemException.notFound("The owner of these limits was deleted in the meantime.");
    }
  }

  private ObjectNode json(Owner owner) {
    Optional<List<Limit>> own = limits.limitsOf(level, owner.id());
    Optional<List<Limit>> ofPlan = own.isPresent() ? Optional.empty() : ofPlan(owner);
    ObjectNode json = Json.object().put("own", own.isPresent()).put("origin", Origin.of(own, ofPlan));
    LimitRows.put(json.putArray("limits"), own.or(() -> ofPlan).orElse(defaults));
    return json;
  }

  private Optional<List<Limit>> ofPlan(Owner owner) {
    return owner.user().flatMap(plans::planOf).flatMap(plan -> plan.limitsOf(level));
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.plan.UserPlan;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** The plan that a user is on, and the change that is scheduled. */
final class UserPlanResource {

  private static final String PATH = AdminServlet.ROOT + "users/{id}/plan";

  private static final FieldType<Optional<String>> PLAN_OR_NULL =
      (path, value, faults) ->
          value.isNull()
              ? Optional.of(Optional.empty())
              : FieldTypes.PLAN.read(path, value, faults).map(Optional::of);

  private final PlanAdmin plans;
  private final KnownUsers users;
  private final FieldType<Instant> moment;

  UserPlanResource(PlanAdmin plans, KnownUsers users, InstantSource clock) {
    this.plans = plans;
    this.users = users;
    this.moment = FieldTypes.future(clock);
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("PUT", PATH, this::put);
    router.add("DELETE", PATH, this::delete);
  }

  /** Adds what is to be said of the plan of a user. */
  static ObjectNode put(ObjectNode json, UserPlan on) {
    json.put("plan", on.plan().orElse(null));
    if (on.next().isPresent()) {
      PlanChange next = on.next().get();
      json.putObject("next_plan").put("plan", next.plan().orElse(null)).put("at", next.at().toString());
    } else {
      json.putNull("next_plan");
    }
    return json;
  }

  private Answer show(Call call) {
    call.check();
    return answer(users.require(call.id()).id());
  }

  private Answer put(Call call) {
    String user = users.require(call.id()).id();
    Fields body = call.body("plan", "at");
    Optional<Optional<String>> said = body.require("plan", PLAN_OR_NULL);
    Optional<Instant> at = body.get("at", moment);
    said.flatMap(plan -> plan).filter(name -> plans.plan(name).isEmpty()).ifPresent(
        name -> call.faults().add("plan", "\"" + name + "\" (expected: the name of a plan)"));
    call.check();
    call.expect(json(user));
    Optional<String> plan = said.orElseThrow();
    try {
      if (at.isPresent()) {
        plans.schedule(user, new PlanChange(plan, at.get()));
      } else {
        plans.assign(user, plan);
      }
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
    return answer(user);
  }

  private Answer delete(Call call) {
    String user = users.require(call.id()).id();
    boolean scheduled = call.query().get("scheduled", FieldTypes.TRUE_OR_FALSE).orElse(false);
    call.check();
    call.expect(json(user));
    if (scheduled) {
      plans.cancel(user);
    } else {
      plans.assign(user, Optional.empty());
    }
    return Answer.noContent();
  }

  private Answer answer(String user) {
    ObjectNode body = json(user);
    return Answer.ok(body).tagged(body);
  }

  private ObjectNode json(String user) {
    return put(Json.object(), plans.userPlan(user));
  }
}

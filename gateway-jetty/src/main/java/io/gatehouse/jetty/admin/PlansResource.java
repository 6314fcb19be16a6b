package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.setup.PlanOptions;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.EntityTag;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanAdmin;
import java.util.Map;
import java.util.Optional;

/** Plans: list, show, add, replace, delete. */
final class PlansResource {

  private static final String PATH = AdminServlet.ROOT + "plans";
  private static final String ONE = PATH + "/{id}";

  private final PlanAdmin plans;
  private final PlanDocument document;
  private final PlanOptions options;

  /** @param options judges what the gateway itself reads of the options of plans */
  PlansResource(PlanAdmin plans, PlanDocument document, PlanOptions options) {
    this.plans = plans;
    this.document = document;
    this.options = options;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("GET", ONE, this::show);
    router.add("PUT", ONE, this::put);
    router.add("DELETE", ONE, this::delete);
  }

  private Answer list(Call call) {
    call.check();
    ObjectNode body = Json.object();
    ArrayNode rows = body.putArray("plans");
    plans.plans().forEach(plan -> rows.add(PlanDocument.json(plan)));
    return Answer.ok(body);
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = PlanDocument.json(plans.plan(call.id()).orElseThrow(PlansResource::missing));
    return Answer.ok(body).tagged(body);
  }

  private Answer put(Call call) {
    if (!Plan.isName(call.id())) {
      throw ProblemException.notFound("No plan can have this name.");
    }
    Optional<Plan> plan = document.read(call.id(), call);
    plan.ifPresent(read -> options.faults(read.options())
        .forEach((name, fault) -> call.faults().add("options." + name, fault)));
    call.check();
    Optional<String> tag = plans.plan(call.id()).map(PlanDocument::json).map(EntityTag::of);
    EntityTag.check(call.request(), tag, tag.isPresent());
    try {
      plans.putPlan(plan.orElseThrow());
    } catch (IllegalArgumentException e) {
      // All else was checked.
      throw new ProblemException(
          Problem.of(409, "plans-full", "Too many plans", "There are " + PlanAdmin.MOST_PLANS + " plans already."));
    }
    ObjectNode body = PlanDocument.json(plans.plan(call.id()).orElseThrow(PlansResource::missing));
    return new Answer(tag.isPresent() ? 200 : 201, Optional.of(body), Map.of(), true).tagged(body);
  }

  private Answer delete(Call call) {
    call.check();
    call.expect(PlanDocument.json(plans.plan(call.id()).orElseThrow(PlansResource::missing)));
    return switch (plans.deletePlan(call.id())) {
      case DELETED -> Answer.noContent();
      case MISSING -> throw missing();
      case IN_USE -> throw new ProblemException(
          Problem.of(
              409, "plan-in-use", "Plan in use", "A user is on this plan, or will be by a scheduled change."));
    };
  }

  private static ProblemException missing() {
    return ProblemException.notFound("There is no plan of this name.");
  }
}

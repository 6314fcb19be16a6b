package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaAccounts.Account;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.UsageRows;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.Plans;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import java.util.List;
import java.util.Optional;

/**
 * How much a user may use: quotas of their own, of their plan or of the configuration, and where they stand. The entity
 * tag is that of the quotas alone: where they stand changes with every request, and must not be in the way of a change.
 */
final class QuotasResource {

  private static final String PATH = AdminServlet.ROOT + "users/{id}/quotas";

  private final QuotaAdmin policy;
  private final QuotaPlan plan;
  private final Plans plans;
  private final QuotaAccounts accounts;
  private final KnownUsers users;

  QuotasResource(QuotaAdmin policy, QuotaPlan plan, Plans plans, QuotaAccounts accounts, KnownUsers users) {
    this.policy = policy;
    this.plan = plan;
    this.plans = plans;
    this.accounts = accounts;
    this.users = users;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("PUT", PATH, this::replace);
    router.add("DELETE", PATH, this::goBack);
  }

  private Answer show(Call call) {
    call.check();
    return answer(users.require(call.id()).id());
  }

  private Answer replace(Call call) {
    String user = users.require(call.id()).id();
    Optional<List<Quota>> own = call.body("quotas").require("quotas", QuotaRows.TYPE);
    call.check();
    call.expect(rules(user));
    keep(user, own);
    return answer(user);
  }

  private Answer goBack(Call call) {
    String user = users.require(call.id()).id();
    call.check();
    call.expect(rules(user));
    keep(user, Optional.empty());
    return Answer.noContent();
  }

  private void keep(String user, Optional<List<Quota>> own) {
    try {
      policy.replaceQuotas(user, own);
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
  }

  private Answer answer(String user) {
    ObjectNode body = origin(user);
    ArrayNode rows = body.putArray("quotas");
    List<Account> all = accounts.accountsOf(user);
    for (Quota quota : plan.quotasOf(user)) {
      UsageRows.putStanding(QuotaRows.addTo(rows, quota), quota, all);
    }
    return Answer.ok(body).guardedBy(rules(user));
  }

  /** What can be set, and nothing else. */
  private ObjectNode rules(String user) {
    ObjectNode json = origin(user);
    ArrayNode rows = json.putArray("quotas");
    plan.quotasOf(user).forEach(quota -> QuotaRows.addTo(rows, quota));
    return json;
  }

  private ObjectNode origin(String user) {
    Optional<List<Quota>> own = policy.quotasOf(user);
    Optional<List<Quota>> ofPlan = own.isPresent() ? Optional.empty() : plans.planOf(user).flatMap(Plan::quotas);
    return Json.object().put("own", own.isPresent()).put("origin", Origin.of(own, ofPlan));
  }
}

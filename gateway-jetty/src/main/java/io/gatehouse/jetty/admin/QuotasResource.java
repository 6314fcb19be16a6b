package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Enforcement;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaAccounts.Account;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.Window;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How much a user may use: quotas of their own, or those of the configuration, and where they stand. The entity tag is
 * that of the quotas alone: where they stand changes with every request, and must not be in the way of a change.
 */
final class QuotasResource {

  private static final String PATH = AdminServlet.ROOT + "users/{id}/quotas";

  private static final FieldType<Meter> METER = FieldTypes.choice(Meter.class);
  private static final FieldType<Window> WINDOW = FieldTypes.choice(Window.class);
  private static final FieldType<Beyond> BEYOND = FieldTypes.choice(Beyond.class);

  /** The numbers of every store are exact up to 2^53. */
  private static final FieldType<Long> MOST = FieldTypes.count(0, 1L << 53);

  private static final FieldType<List<Quota>> QUOTAS =
      FieldTypes.list(QuotasResource::quota, 2 * Meter.values().length * Window.values().length);

  private final QuotaAdmin policy;
  private final QuotaPlan plan;
  private final QuotaAccounts accounts;
  private final KnownUsers users;

  QuotasResource(QuotaAdmin policy, QuotaPlan plan, QuotaAccounts accounts, KnownUsers users) {
    this.policy = policy;
    this.plan = plan;
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
    Optional<List<Quota>> own = call.body("quotas").require("quotas", QUOTAS);
    own.ifPresent(list -> requireOnePerCount(list, call.faults()));
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
      accounts.replaceQuotas(user, own);
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
  }

  private static Optional<Quota> quota(String path, JsonNode value, Faults faults) {
    Fields fields = Fields.of(path, value, faults, List.of("meter", "window", "most", "beyond", "cap", "shadow"));
    Optional<Meter> meter = fields.require("meter", METER);
    Optional<Window> window = fields.require("window", WINDOW);
    Optional<Long> most = fields.require("most", MOST);
    Beyond beyond = fields.get("beyond", BEYOND).orElse(Beyond.HARD);
    Optional<Long> cap = fields.clearable("cap", MOST, Optional.empty());
    boolean shadow = fields.get("shadow", FieldTypes.BOOLEAN).orElse(false);
    if (meter.isEmpty() || window.isEmpty() || most.isEmpty()) {
      return Optional.empty();
    }
    boolean stored = meter.get() == Meter.STORED_BYTES;
    String wrong = "";
    if (stored != (window.get() == Window.LIFETIME)) {
      wrong = "window";
      faults.add(path + ".window", FieldTypes.nameOf(window.get()) + " (expected: " + (stored ? "lifetime)" : "day or month)"));
    } else if (cap.isPresent() && (beyond != Beyond.OVERAGE || cap.get() < most.get())) {
      wrong = "cap";
      faults.add(path + ".cap", cap.get() + " (expected: most or more, and only with overage)");
    } else if (shadow && (stored || beyond != Beyond.HARD)) {
      wrong = "shadow";
      faults.add(path + ".shadow", "true (expected: false for stored_bytes, soft and overage)");
    }
    Enforcement enforcement = shadow ? Enforcement.SHADOW : Enforcement.ENFORCED;
    return wrong.isEmpty()
        ? Optional.of(
            new Quota(meter.get(), window.get(), most.get(), beyond, cap.orElse(Quota.UNCAPPED), enforcement))
        : Optional.empty();
  }

  private static void requireOnePerCount(List<Quota> quotas, Faults faults) {
    Set<String> policies = new HashSet<>();
    for (int i = 0; i < quotas.size(); i++) {
      if (!policies.add(quotas.get(i).policy())) {
        faults.add(
            "quotas[" + i + "]", quotas.get(i).policy() + " again (expected: each meter and window once)");
      }
    }
  }

  private Answer answer(String user) {
    ObjectNode body = Json.object().put("own", policy.quotasOf(user).isPresent());
    ArrayNode rows = body.putArray("quotas");
    List<Account> all = accounts.accountsOf(user);
    for (Quota quota : plan.quotasOf(user)) {
      ObjectNode row = addTo(rows, quota);
      if (!quota.isShadow()) {
        all.stream().filter(account -> account.quota().filter(quota::equals).isPresent()).forEach(account -> {
          UsageResource.putBeyond(row, quota, account.used());
          UsageResource.putCrossed(row, account);
        });
      }
    }
    return Answer.ok(body).guardedBy(rules(user));
  }

  /** What can be set, and nothing else. */
  private ObjectNode rules(String user) {
    ObjectNode json = Json.object().put("own", policy.quotasOf(user).isPresent());
    ArrayNode rows = json.putArray("quotas");
    plan.quotasOf(user).forEach(quota -> addTo(rows, quota));
    return json;
  }

  private static ObjectNode addTo(ArrayNode rows, Quota quota) {
    ObjectNode row = rows.addObject()
        .put("meter", FieldTypes.nameOf(quota.meter()))
        .put("window", FieldTypes.nameOf(quota.window()))
        .put("most", quota.most())
        .put("beyond", FieldTypes.nameOf(quota.beyond()));
    if (quota.beyond() == Beyond.OVERAGE) {
      row.put("cap", quota.cap() == Quota.UNCAPPED ? null : quota.cap());
    }
    return row.put("shadow", quota.isShadow());
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaAccounts.Account;
import io.gatehouse.event.Crossing;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** What a user has used in the running periods, and what is left of their quotas; and how that is begun anew. */
final class UsageResource {

  private static final FieldType<Meter> METER = FieldTypes.choice(Meter.class);
  private static final FieldType<Window> WINDOW = FieldTypes.choice(Window.class);

  private final QuotaAccounts accounts;
  private final KnownUsers users;

  UsageResource(QuotaAccounts accounts, KnownUsers users) {
    this.accounts = accounts;
    this.users = users;
  }

  void addTo(Router router) {
    router.add("GET", AdminServlet.ROOT + "users/{id}/usage", this::show);
    router.add("POST", AdminServlet.ROOT + "users/{id}/quotas/reset", this::reset);
  }

  private Answer show(Call call) {
    call.check();
    return answer(users.require(call.id()).id());
  }

  private Answer reset(Call call) {
    String user = users.require(call.id()).id();
    Fields fields = call.body("meter", "window", "all");
    Optional<Meter> meter = fields.get("meter", METER);
    Optional<Window> window = fields.get("window", WINDOW);
    boolean all = fields.get("all", FieldTypes.BOOLEAN).orElse(false);
    if (all == (meter.isPresent() || window.isPresent())) {
      call.faults().add("", "(expected: meter, window or both, or else \"all\": true)");
    }
    if (meter.filter(each -> !each.isTransferred()).isPresent() || window.filter(Window.LIFETIME::equals).isPresent()) {
      call.faults().add("", "what is stored is not used up (expected: another meter)");
    }
    call.check();
    try {
      accounts.reset(user, meter, window);
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
    return answer(user);
  }

  private Answer answer(String user) {
    ObjectNode body = Json.object();
    putCalendar(body, accounts.periodsOf(user).calendar());
    ArrayNode rows = body.putArray("usage");
    accounts.accountsOf(user).forEach(account -> add(rows, account));
    return Answer.ok(body);
  }

  private static void add(ArrayNode rows, Account account) {
    Optional<Quota> quota = account.quota();
    ObjectNode row = rows.addObject()
        .put("meter", FieldTypes.nameOf(account.key().meter()))
        .put("window", FieldTypes.nameOf(account.key().window()))
        .put("used", account.used())
        .put("most", quota.map(Quota::most).orElse(null))
        .put("remaining", quota.map(limit -> Math.max(0, limit.most() - account.used())).orElse(null))
        .put("period_start", account.ends().isEmpty() ? null : account.begins().toString())
        .put("resets_at", account.ends().map(Instant::toString).orElse(null));
    if (quota.isPresent()) {
      putBeyond(row, quota.get(), account.used());
      putCrossed(row, account);
    }
  }

  /** Where a user's days and months begin. */
  static void putCalendar(ObjectNode json, BillingCalendar calendar) {
    String zone = calendar.zone().equals(ZoneOffset.UTC) ? "UTC" : calendar.zone().getId();
    json.put("time_zone", zone).put("billing_day", calendar.billingDay());
  }

  /** What is used beyond a quota, and what that means. */
  static void putBeyond(ObjectNode json, Quota quota, long used) {
    json.put("over", used > quota.most());
    if (quota.beyond() == Beyond.OVERAGE) {
      json.put("overage", quota.overage(used));
    }
  }

  /** When each threshold was crossed. */
  static void putCrossed(ObjectNode json, Account account) {
    ArrayNode rows = json.putArray("crossed");
    for (Crossing crossing : account.crossings()) {
      rows.addObject().put("percent", crossing.percent()).put("at", crossing.at().toString());
    }
  }
}

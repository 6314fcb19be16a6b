package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.UsageRows;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.QuotaAdmin;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/** When a user's days and months begin: a calendar of their own, or that of the configuration. */
final class CalendarResource {

  private static final String PATH = AdminServlet.ROOT + "users/{id}/calendar";

  private static final FieldType<Long> BILLING_DAY = FieldTypes.count(1, 31);

  private static final FieldType<ZoneId> TIME_ZONE =
      (path, value, faults) -> {
        try {
          String id = value.isTextual() ? value.textValue() : "";
          return Optional.of(id.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(id));
        } catch (DateTimeException e) {
          return FieldTypes.wrong(path, value, "a time zone such as UTC or Europe/Berlin", faults);
        }
      };

  private final QuotaAdmin policy;
  private final QuotaPlan plan;
  private final KnownUsers users;

  CalendarResource(QuotaAdmin policy, QuotaPlan plan, KnownUsers users) {
    this.policy = policy;
    this.plan = plan;
    this.users = users;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("PUT", PATH, this::replace);
    router.add("DELETE", PATH, this::goBack);
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = json(users.require(call.id()).id());
    return Answer.ok(body).tagged(body);
  }

  private Answer replace(Call call) {
    String user = users.require(call.id()).id();
    Fields fields = call.body("time_zone", "billing_day");
    Optional<ZoneId> zone = fields.require("time_zone", TIME_ZONE);
    int billingDay = fields.get("billing_day", BILLING_DAY).orElse(1L).intValue();
    call.check();
    call.expect(json(user));
    keep(user, zone.map(each -> new BillingCalendar(each, billingDay)));
    ObjectNode body = json(user);
    return Answer.ok(body).tagged(body);
  }

  private Answer goBack(Call call) {
    String user = users.require(call.id()).id();
    call.check();
    call.expect(json(user));
    keep(user, Optional.empty());
    return Answer.noContent();
  }

  private void keep(String user, Optional<BillingCalendar> calendar) {
    try {
      policy.replaceCalendar(user, calendar);
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
  }

  private ObjectNode json(String user) {
    ObjectNode json = Json.object().put("own", policy.calendarOf(user).isPresent());
    UsageRows.putCalendar(json, plan.periodsOf(user).calendar());
    return json;
  }
}

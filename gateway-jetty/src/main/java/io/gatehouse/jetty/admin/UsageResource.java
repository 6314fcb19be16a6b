package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.UsageRows;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.Window;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** What users, and keys with quotas of their own, have used and have left; and how that is begun anew. */
final class UsageResource {

  private static final FieldType<Meter> METER = FieldTypes.choice(Meter.class);
  private static final FieldType<Window> WINDOW = FieldTypes.choice(Window.class);

  private final QuotaAccounts accounts;
  private final InstantSource clock;

  UsageResource(QuotaAccounts accounts, InstantSource clock) {
    this.accounts = accounts;
    this.clock = clock;
  }

  /**
   * Adds the routes of one kind of owner.
   *
   * @param path below the root of administration, with {@code {id}}
   * @param owner finds the owner that the path names, or ends the request with 404
   */
  void addTo(Router router, String path, Function<String, QuotaOwner> owner) {
    router.add("GET", AdminServlet.ROOT + path + "/usage", call -> show(call, owner.apply(call.id())));
    router.add("POST", AdminServlet.ROOT + path + "/quotas/reset", call -> reset(call, owner.apply(call.id())));
  }

  private Answer show(Call call, QuotaOwner owner) {
    call.check();
    return answer(owner);
  }

  private Answer reset(Call call, QuotaOwner owner) {
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
      accounts.reset(owner, meter, window);
    } catch (IllegalArgumentException e) {
      // All else was checked.
      throw ProblemException.notFound("The owner of these counts was deleted in the meantime.");
    }
    return answer(owner);
  }

  private Answer answer(QuotaOwner owner) {
    ObjectNode body = Json.object();
    UsageRows.putCalendar(body, accounts.periodsOf(owner.user()).calendar());
    UsageRows.put(body.putArray("usage"), accounts.accountsOf(owner), clock.instant());
    return Answer.ok(body);
  }
}

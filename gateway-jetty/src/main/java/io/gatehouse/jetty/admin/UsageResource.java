package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** What a user has used in the running periods, and what is left of their quotas. */
final class UsageResource {

  private final QuotaStore counts;
  private final Function<String, List<Quota>> quotasOf;
  private final ZoneId zone;
  private final KnownUsers users;
  private final InstantSource clock;

  UsageResource(
      QuotaStore counts,
      Function<String, List<Quota>> quotasOf,
      ZoneId zone,
      KnownUsers users,
      InstantSource clock) {
    this.counts = counts;
    this.quotasOf = quotasOf;
    this.zone = zone;
    this.users = users;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", AdminServlet.ROOT + "users/{id}/usage", this::show);
  }

  private Answer show(Call call) {
    call.check();
    String user = users.require(call.id()).id();
    List<Quota> quotas = quotasOf.apply(user);
    Instant now = clock.instant();
    ObjectNode body = Json.object().put("time_zone", zone.getId().equals("Z") ? "UTC" : zone.getId());
    ArrayNode rows = body.putArray("usage");
    for (Meter meter : Meter.values()) {
      for (Window window : Window.values()) {
        LocalDate start = window.startAt(now, zone);
        long used = counts.used(new QuotaKey(user, meter, window, start));
        Optional<Long> most = most(quotas, meter, window);
        rows.addObject()
            .put("meter", meter.name().toLowerCase(Locale.ROOT))
            .put("window", window.name().toLowerCase(Locale.ROOT))
            .put("used", used)
            .put("most", most.orElse(null))
            .put("remaining", most.map(limit -> Math.max(0, limit - used)).orElse(null))
            .put("period_start", start.atStartOfDay(zone).toInstant().toString())
            .put("resets_at", now.plus(window.restAt(now, zone)).toString());
      }
    }
    return Answer.ok(body);
  }

  private static Optional<Long> most(List<Quota> quotas, Meter meter, Window window) {
    return quotas.stream()
        .filter(quota -> quota.meter() == meter && quota.window() == window && !quota.isShadow())
        .map(Quota::most)
        .findFirst();
  }
}

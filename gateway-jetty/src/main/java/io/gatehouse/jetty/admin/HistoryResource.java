package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.Span;
import io.gatehouse.jetty.api.TrafficHistory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** What a user has transferred, together or by endpoint, and was refused, by the minute, hour or day. */
final class HistoryResource {

  /** How far back violations are told unless the call says it. */
  private static final Duration USUAL = Duration.ofDays(1);

  private final TrafficLog log;
  private final TrafficHistory history;
  private final KnownUsers users;
  private final InstantSource clock;

  HistoryResource(TrafficLog log, ZoneId zone, KnownUsers users, InstantSource clock) {
    this.log = log;
    this.history = new TrafficHistory(log, zone, clock);
    this.users = users;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", AdminServlet.ROOT + "users/{id}/usage/history", call -> history.answer(call, () -> users.require(call.id()).id()));
    router.add("GET", AdminServlet.ROOT + "users/{id}/violations", this::violations);
  }

  private Answer violations(Call call) {
    Span range = Span.of(call, clock, USUAL);
    call.check();
    String user = users.require(call.id()).id();
    Instant from = range.from().truncatedTo(ChronoUnit.MINUTES);
    List<TrafficLog.Violations> found = log.violations(user, from, range.to(), TrafficHistory.MOST_ROWS + 1);
    if (found.size() > TrafficHistory.MOST_ROWS) {
      throw TrafficHistory.tooMany(
          "There are more than " + TrafficHistory.MOST_ROWS + " rows. Ask for less time at once, with from and to.");
    }
    ObjectNode body = Json.object().put("from", from.toString()).put("to", range.to().toString());
    ArrayNode rows = body.putArray("violations");
    for (TrafficLog.Violations each : found) {
      rows.addObject()
          .put("minute", each.violation().minute().toString())
          .put("key", each.violation().caller().key())
          .put("reason", each.violation().reason().name().toLowerCase(Locale.ROOT))
          .put("rule", each.violation().rule())
          .put("count", each.count());
    }
    return Answer.ok(body);
  }
}

package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Span;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.limit.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What was transferred, together or by endpoint, by the minute, hour or day. Any number of threads; blocks as the log does. */
public final class TrafficHistory {

  /** How many rows an answer has at the most. */
  public static final int MOST_ROWS = 1_500;

  /** Offsets of all time zones are multiples of this, so hours and days of any zone can be added up from it. */
  private static final Duration QUARTER = Duration.ofMinutes(15);

  /** The length of one row. */
  public enum By {
    MINUTE(Duration.ofMinutes(1), Duration.ofHours(1), ChronoUnit.MINUTES),
    HOUR(QUARTER, Duration.ofDays(1), ChronoUnit.HOURS),
    DAY(QUARTER, Duration.ofDays(30), ChronoUnit.DAYS);

    /** What is asked of the log. */
    private final Duration grain;

    /** How far back an answer goes unless the call says it. */
    private final Duration usual;

    private final ChronoUnit unit;

    By(Duration grain, Duration usual, ChronoUnit unit) {
      this.grain = grain;
      this.usual = usual;
      this.unit = unit;
    }

    ZonedDateTime startOf(Instant moment, ZoneId zone) {
      return moment.atZone(zone).truncatedTo(unit);
    }
  }

  /** What rows of the same time are told apart by. */
  public enum Group {
    ENDPOINT
  }

  /** The name of an endpoint; empty: what none covers. Endpoints that are not in the configuration any more have a past. */
  private static final FieldType<String> ENDPOINT =
      FieldTypes.text(
          "the name of an endpoint, or nothing for what none covers",
          text -> text.isEmpty() || text.matches(Endpoint.NAME));

  private final TrafficLog log;
  private final ZoneId zone;
  private final InstantSource clock;

  /** @param zone whose hours and days are told */
  public TrafficHistory(TrafficLog log, ZoneId zone, InstantSource clock) {
    this.log = log;
    this.zone = zone;
    this.clock = clock;
  }

  /**
   * The history of a user.
   *
   * @param user who it is, asked for once the input is right; may end the request
   */
  public Answer answer(Call call, Supplier<String> user) {
    By by = call.query().get("by", FieldTypes.choice(By.class)).orElse(By.DAY);
    Optional<String> endpoint = call.query().get("endpoint", ENDPOINT);
    boolean grouped = call.query().get("group", FieldTypes.choice(Group.class)).isPresent();
    Span range = Span.of(call, clock, by.usual);
    call.check();
    String id = user.get();
    Span whole = new Span(by.startOf(range.from(), zone).toInstant(), range.to());
    ObjectNode body = body(by, whole);
    ArrayNode history = body.putArray("history");
    if (whole.from().isBefore(whole.to())) {
      requireFew(by, whole.from(), whole.to());
      if (grouped || endpoint.isPresent()) {
        addApart(history, by, log.trafficByEndpoint(id, whole.from(), whole.to(), by.grain), endpoint);
      } else {
        addTogether(history, by, log.traffic(id, whole.from(), whole.to(), by.grain));
      }
    }
    return Answer.ok(body);
  }

  private void addTogether(ArrayNode history, By by, SortedMap<Instant, Traffic> found) {
    SortedMap<Instant, Traffic> rows = new TreeMap<>();
    found.forEach((start, traffic) -> rows.merge(by.startOf(start, zone).toInstant(), traffic, Traffic::plus));
    rows.forEach((start, traffic) -> json(history.addObject().put("start", start.toString()), traffic));
  }

  /** @param only of one endpoint; empty: of each */
  private void addApart(
      ArrayNode history, By by, SortedMap<Instant, SortedMap<String, Traffic>> found, Optional<String> only) {
    SortedMap<Instant, SortedMap<String, Traffic>> rows = new TreeMap<>();
    found.forEach((start, apart) -> {
      SortedMap<String, Traffic> row = rows.computeIfAbsent(by.startOf(start, zone).toInstant(), at -> new TreeMap<>());
      apart.forEach((endpoint, traffic) -> row.merge(endpoint, traffic, Traffic::plus));
    });
    rows.forEach((start, apart) -> apart.forEach((endpoint, traffic) -> {
      if (only.isEmpty() || only.get().equals(endpoint)) {
        json(history.addObject().put("start", start.toString()).put("endpoint", endpoint), traffic);
      }
    }));
  }

  private static void json(ObjectNode row, Traffic traffic) {
    row.put("requests", traffic.requests())
        .put("request_bytes", traffic.requestBytes())
        .put("response_bytes", traffic.responseBytes())
        .put("errors", traffic.errors());
  }

  /** Refuses by the number of rows that there can be, so that the same call is not refused on a busy day only. */
  private static void requireFew(By by, Instant from, Instant to) {
    long rows = from.until(to, ChronoUnit.SECONDS) / by.unit.getDuration().toSeconds() + 1;
    if (rows > MOST_ROWS) {
      String unit = by.name().toLowerCase(Locale.ROOT);
      throw tooMany(
          "That is " + rows + " rows by " + unit + " (expected: at most " + MOST_ROWS + "). Ask for less time at once,"
              + " or by a longer unit.");
    }
  }

  /** For an answer that would be too long. */
  public static ProblemException tooMany(String detail) {
    return new ProblemException(Problem.of(400, "invalid-input", "Invalid input", detail));
  }

  private ObjectNode body(By by, Span range) {
    return Json.object()
        .put("time_zone", zone.getId().equals("Z") ? "UTC" : zone.getId())
        .put("by", by.name().toLowerCase(Locale.ROOT))
        .put("from", range.from().toString())
        .put("to", range.to().toString());
  }
}

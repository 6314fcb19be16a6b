package io.gatehouse.jetty.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Refusal;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Standing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a tally and writes it down as events. For one thread at a time. */
final class Figures {

  /** What a stream begins with: a comment, and how long to wait before asking again when it broke off. */
  static final byte[] GREETING = ": what this node does\nretry: 2000\n\n".getBytes(StandardCharsets.UTF_8);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUSIEST = 10;

  /** Of so many figures the latencies are taken together. */
  private static final int WINDOW = 10;

  private final Tally tally;
  private final InstantSource clock;

  /** The readings of the window, the oldest first. */
  private final Deque<long[]> readings = new ArrayDeque<>();

  private Instant before;
  private long completed;
  private long errors;
  private long wouldRefuse;
  private long leftOut;
  private Map<Refusal.Reason, Long> refusals;

  Figures(Tally tally, InstantSource clock) {
    this.tally = tally;
    this.clock = clock;
    this.before = clock.instant();
    this.refusals = tally.refusals();
    readings.add(tally.durations.reading());
  }

  /** The next refusals, an event each. */
  List<byte[]> refusals(int most) {
    return tally.next(most).stream().map(each -> event("refusal", json(each))).toList();
  }

  /** What happened since this was asked last, or since somebody looks. */
  byte[] figures(List<Standing> backends, Map<String, CircuitBreaker.State> breakers, int streams) {
    Instant now = clock.instant();
    ObjectNode json = JSON.createObjectNode()
        .put("time", now.truncatedTo(ChronoUnit.MILLIS).toString())
        .put("span_ms", Duration.between(before, now).toMillis());
    before = now;
    putCounts(json);
    putLatency(json);
    putBackends(json, backends, breakers);
    ArrayNode users = json.putArray("users");
    tally.busiest(BUSIEST).forEach(row ->
        users.addObject().put("user", row.user()).put("requests", row.requests()).put("refused", row.refused()));
    return event("figures", json.put("streams", streams));
  }

  private void putCounts(ObjectNode json) {
    Map<Refusal.Reason, Long> refusalsNow = tally.refusals();
    long completedNow = tally.completed.sum();
    long errorsNow = tally.errors.sum();
    long wouldRefuseNow = tally.wouldRefuse.sum();
    long leftOutNow = tally.leftOut.sum();
    json.put("completed", completedNow - completed)
        .put("errors", errorsNow - errors)
        .put("would_refuse", wouldRefuseNow - wouldRefuse)
        .put("refusals_left_out", leftOutNow - leftOut);
    ObjectNode refused = json.putObject("refused");
    refusalsNow.forEach((reason, count) -> {
      long more = count - refusals.get(reason);
      if (more > 0) {
        refused.put(name(reason), more);
      }
    });
    completed = completedNow;
    errors = errorsNow;
    wouldRefuse = wouldRefuseNow;
    leftOut = leftOutNow;
    refusals = refusalsNow;
  }

  private void putLatency(ObjectNode json) {
    long[] from = readings.getFirst();
    long[] to = tally.durations.reading();
    readings.add(to);
    if (readings.size() > WINDOW) {
      readings.removeFirst();
    }
    if (Durations.total(from, to) == 0) {
      json.putNull("latency_ms");
      return;
    }
    json.putObject("latency_ms")
        .put("p50", Durations.quantile(from, to, 0.50) / 1e3)
        .put("p95", Durations.quantile(from, to, 0.95) / 1e3)
        .put("p99", Durations.quantile(from, to, 0.99) / 1e3);
  }

  private static void putBackends(
      ObjectNode json, List<Standing> backends, Map<String, CircuitBreaker.State> breakers) {
    json.put("in_flight", backends.stream().mapToInt(Standing::inFlight).sum());
    ArrayNode pools = json.putArray("pools");
    breakers.forEach((pool, breaker) -> pools.addObject().put("pool", pool).put("breaker", name(breaker)));
    ArrayNode rows = json.putArray("backends");
    for (Standing standing : backends) {
      rows.addObject()
          .put("url", standing.upstream().uri().toString())
          .put("pool", standing.upstream().pool())
          .put("weight", standing.upstream().weight())
          .put("state", name(standing.upstream().state()))
          .put("health", name(standing.health()))
          .put("breaker", name(standing.breaker()))
          .put("usable", standing.usable())
          .put("share", standing.share())
          .put("in_flight", standing.inFlight())
          .put("last_error", standing.lastError().orElse(null));
    }
  }

  private static ObjectNode json(Refused refusal) {
    return JSON.createObjectNode()
        .put("time", refusal.at().truncatedTo(ChronoUnit.MILLIS).toString())
        .put("reason", name(refusal.reason()))
        .put("rule", orNull(refusal.rule()))
        .put("user", orNull(refusal.user()))
        .put("key", orNull(refusal.key()))
        .put("client", refusal.client())
        .put("method", refusal.method())
        .put("path", refusal.path());
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static byte[] event(String name, ObjectNode data) {
    try {
      // JSON has no line break of its own, so it is one line of data.
      return ("event: " + name + "\ndata: " + JSON.writeValueAsString(data) + "\n\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts and numbers cannot be written", e);
    }
  }
}

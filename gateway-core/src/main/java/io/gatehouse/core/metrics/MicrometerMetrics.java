package io.gatehouse.core.metrics;

import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.event.Crossing;
import io.gatehouse.limit.Decision;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Metrics in a registry of Micrometer. Meters are made once and held, so that counting a request is a few additions.
 * What callers can make up never becomes a tag: a status is its class, and of the names of rules only the first
 * {@value #MOST_POLICIES} are kept apart.
 */
public sealed class MicrometerMetrics implements Metrics permits MicrometerPrometheus {

  /** How many rules have a name of their own among the refusals; the rest are {@code other}: {@value}. */
  public static final int MOST_POLICIES = 100;

  /** How many routes have a name of their own; those that come later are {@code other}: {@value}. */
  public static final int MOST_ROUTES = 200;

  private static final Logger log = LoggerFactory.getLogger(MicrometerMetrics.class);

  /** The status of a request that a tunnel came from (RFC 9110, 15.2.2). */
  private static final int SWITCHED = 101;

  private static final Ending[] ENDINGS = Ending.values();
  private static final String[] STATUS_CLASSES = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  private static final Duration[] BUCKETS = Arrays.stream(Described.DURATION_BUCKETS_MILLIS)
      .mapToObj(millis -> Duration.ofNanos((long) (millis * 1_000_000))).toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final List<Meter> meters = new CopyOnWriteArrayList<>();

  /** Of requests that took no route, or were refused before they did. */
  private final RequestMeters ofNoRoute;

  /** By route, each made when it is first needed. */
  private final Map<String, RequestMeters> byRoute = new ConcurrentHashMap<>();

  /** By reason, then by policy, each made when it is first needed. */
  private final Map<Reason, Map<String, Counter>> refusals = new EnumMap<>(Reason.class);

  /** By policy, each made when it is first needed. */
  private final Map<String, Counter> shadowRefusals = new ConcurrentHashMap<>();

  /** By quota and threshold, of which there are a fixed few, each made when it is first needed. */
  private final Map<Tags, Counter> crossings = new ConcurrentHashMap<>();

  /** The rules with a name of their own. Added to under its lock, read without, never taken from. */
  private final Set<String> policies = ConcurrentHashMap.newKeySet();

  private final MultiGauge backendsHealthy;
  private final MultiGauge backendsInFlight;
  private final MultiGauge backendsEjected;
  private final MultiGauge backendsWeight;
  private final MultiGauge poolsBreaker;
  private volatile Supplier<List<BackendRow>> backends = List::of;
  private volatile Supplier<List<PoolRow>> pools = List::of;
  private volatile boolean backendsFailed;

  /** What counters ask for their figures: Micrometer itself holds it only weakly. */
  private final List<Object> asked = new CopyOnWriteArrayList<>();

  /**
   * Counts in a registry that is there already. Its owner exports and closes it; {@link #close} takes out what this
   * object has put in.
   */
  public MicrometerMetrics(MeterRegistry registry) {
    this.registry = registry;
    ofNoRoute = new RequestMeters("-");
    for (Reason reason : Reason.values()) {
      refusals.put(reason, new ConcurrentHashMap<>());
    }
    backendsHealthy = gauges(Described.BACKEND_HEALTHY);
    backendsInFlight = gauges(Described.BACKEND_IN_FLIGHT);
    backendsEjected = gauges(Described.BACKEND_EJECTED);
    backendsWeight = gauges(Described.BACKEND_WEIGHT);
    poolsBreaker = gauges(Described.POOL_BREAKER);
  }

  /** What is counted of the requests of one route. */
  private final class RequestMeters {

    /** By ending, then by class of status. */
    private final Counter[][] requests = new Counter[ENDINGS.length][STATUS_CLASSES.length];

    /** By ending. */
    private final Timer[] durations = new Timer[ENDINGS.length];

    private final Counter refused;
    private final Counter requestBytes;
    private final Counter responseBytes;

    RequestMeters(String route) {
      Tags taken = Tags.of("route", route);
      for (Ending ending : ENDINGS) {
        Tags tags = taken.and("outcome", lower(ending));
        for (int status = 0; status < STATUS_CLASSES.length; status++) {
          requests[ending.ordinal()][status] =
              counter(Described.REQUESTS, tags.and("status", STATUS_CLASSES[status]));
        }
        durations[ending.ordinal()] = kept(Timer.builder(Described.DURATION.name())
            .description(Described.DURATION.sentence())
            .tags(tags)
            .serviceLevelObjectives(BUCKETS)
            .register(registry));
      }
      refused = counter(Described.REQUESTS, taken.and("outcome", "refused", "status", "none"));
      requestBytes = counter(Described.REQUEST_BYTES, taken);
      responseBytes = counter(Described.RESPONSE_BYTES, taken);
    }

    void completed(Outcome outcome) {
      int ending = outcome.ending().ordinal();
      requests[ending][outcome.status() / 100].increment();
      if (outcome.status() == SWITCHED) {
        // How long a connection lived says nothing of how fast requests are, and its bytes were counted on the way.
        return;
      }
      durations[ending].record(outcome.elapsed());
      requestBytes.increment(outcome.requestBytes());
      responseBytes.increment(outcome.responseBytes());
    }
  }

  private RequestMeters metersOf(String route) {
    if (route.isEmpty()) {
      return ofNoRoute;
    }
    RequestMeters known = byRoute.get(route);
    return known != null ? known : byRoute.computeIfAbsent(
        byRoute.size() < MOST_ROUTES ? route : "other", RequestMeters::new);
  }

  @Override
  public void completed(Passage passage, Outcome outcome) {
    metersOf(passage.route()).completed(outcome);
  }

  @Override
  public void refused(Passage passage, Refusal refusal) {
    metersOf(passage.route()).refused.increment();
    refusals(refusal.reason(), refusal.rule()).increment();
  }

  @Override
  public void wouldRefuse(Passage passage, Refusal refusal) {
    String policy = refusal.rule().isEmpty() ? "none" : policy(refusal.rule());
    shadowRefusals.computeIfAbsent(policy, name -> counter(Described.SHADOW_REFUSALS, Tags.of("policy", name)))
        .increment();
  }

  @Override
  public void crossed(Crossing crossing) {
    Tags tags = Tags.of("quota", crossing.key().policy(), "percent", Integer.toString(crossing.percent()));
    crossings.computeIfAbsent(tags, of -> counter(Described.QUOTA_CROSSINGS, of)).increment();
  }

  @Override
  public void watchBackends(Supplier<List<BackendRow>> rows) {
    backends = rows;
    refresh();
  }

  @Override
  public void watchPools(Supplier<List<PoolRow>> rows) {
    pools = rows;
    refresh();
  }

  @Override
  public void watchCache(String cache, LongSupplier hits, LongSupplier misses) {
    watch(Described.CACHE_GETS, Tags.of("cache", cache, "result", "hit"), hits);
    watch(Described.CACHE_GETS, Tags.of("cache", cache, "result", "miss"), misses);
  }

  @Override
  public void watchAnswers(
      LongSupplier bytes, LongSupplier entries, LongSupplier stale, LongSupplier coalesced, LongSupplier evictions) {
    kept(Gauge.builder(Described.ANSWER_BYTES.name(), bytes, LongSupplier::getAsLong)
        .description(Described.ANSWER_BYTES.sentence()).baseUnit(Described.ANSWER_BYTES.unit())
        .strongReference(true).register(registry));
    kept(Gauge.builder(Described.ANSWERS.name(), entries, LongSupplier::getAsLong)
        .description(Described.ANSWERS.sentence()).strongReference(true).register(registry));
    watch(Described.ANSWERS_STALE, Tags.empty(), stale);
    watch(Described.ANSWERS_COALESCED, Tags.empty(), coalesced);
    watch(Described.ANSWERS_EVICTED, Tags.empty(), evictions);
  }

  @Override
  public void watchDecisions(MeteredRateLimiter limiter) {
    for (Decision.Mode mode : Decision.Mode.values()) {
      Tags tags = Tags.of("mode", lower(mode));
      watch(Described.LIMIT_DECISIONS, tags.and("outcome", "allowed"), () -> limiter.allowed(mode));
      watch(Described.LIMIT_DECISIONS, tags.and("outcome", "denied"), () -> limiter.denied(mode));
    }
  }

  @Override
  public void watchTunnels(
      IntSupplier open, LongSupplier opened, LongSupplier bytesToBackends, LongSupplier bytesToClients) {
    kept(Gauge.builder(Described.TUNNELS_OPEN.name(), open, IntSupplier::getAsInt)
        .description(Described.TUNNELS_OPEN.sentence()).strongReference(true).register(registry));
    watch(Described.TUNNELS_OPENED, Tags.empty(), opened);
    watch(Described.TUNNEL_BYTES, Tags.of("to", "backend"), bytesToBackends);
    watch(Described.TUNNEL_BYTES, Tags.of("to", "client"), bytesToClients);
  }

  @Override
  public void watchHedges(LongSupplier begun, LongSupplier won) {
    watch(Described.HEDGES, Tags.empty(), begun);
    watch(Described.HEDGES_WON, Tags.empty(), won);
  }

  @Override
  public void watchImgproxy(LongSupplier refusals) {
    watch(Described.IMGPROXY_REFUSALS, Tags.empty(), refusals);
  }

  @Override
  public void watchImageQueue(IntSupplier waiting, IntSupplier atBackends, LongSupplier waits, LongSupplier waitedNanos,
      Map<String, LongSupplier> turnedAway) {
    gauge(Described.IMAGE_QUEUE_WAITING, waiting::getAsInt);
    gauge(Described.IMAGE_QUEUE_AT_BACKENDS, atBackends::getAsInt);
    watch(Described.IMAGE_QUEUE_WAITS, Tags.empty(), waits);
    DoubleSupplier seconds = () -> waitedNanos.getAsLong() / 1e9;
    asked.add(seconds);
    kept(FunctionCounter.builder(Described.IMAGE_QUEUE_WAITED.name(), seconds, DoubleSupplier::getAsDouble)
        .description(Described.IMAGE_QUEUE_WAITED.sentence()).baseUnit(Described.IMAGE_QUEUE_WAITED.unit())
        .register(registry));
    turnedAway.forEach(
        (reason, figure) -> watch(Described.IMAGE_QUEUE_TURNED_AWAY, Tags.of("reason", reason), figure));
  }

  private void watch(Described of, Tags tags, LongSupplier figure) {
    asked.add(figure);
    kept(FunctionCounter.builder(of.name(), figure, LongSupplier::getAsLong)
        .description(of.sentence()).baseUnit(of.unit()).tags(tags).register(registry));
  }

  @Override
  public void watchUploads(Map<String, LongSupplier> outcomes, LongSupplier bytes) {
    outcomes.forEach((outcome, figure) -> watch(Described.UPLOADS, Tags.of("outcome", outcome), figure));
    watch(Described.UPLOAD_BYTES, Tags.empty(), bytes);
  }

  @Override
  public void watchRequestLog(LongSupplier written, LongSupplier dropped, BooleanSupplier ready) {
    watch(Described.REQUEST_LOG_WRITTEN, Tags.empty(), written);
    watch(Described.REQUEST_LOG_DROPPED, Tags.empty(), dropped);
    kept(Gauge.builder(Described.REQUEST_LOG_READY.name(), ready, asked -> asked.getAsBoolean() ? 1 : 0)
        .description(Described.REQUEST_LOG_READY.sentence()).strongReference(true).register(registry));
  }

  @Override
  public void watchBlocks(
      Map<String, LongSupplier> blocks, Map<String, LongSupplier> suspensions, LongSupplier dropped) {
    blocks.forEach((kind, figure) -> kept(Gauge.builder(Described.BLOCKS.name(), figure, LongSupplier::getAsLong)
        .description(Described.BLOCKS.sentence()).tags("kind", kind).strongReference(true).register(registry)));
    suspensions.forEach((cause, figure) -> watch(Described.SUSPENSIONS, Tags.of("cause", cause), figure));
    watch(Described.SUSPENSIONS_DROPPED, Tags.empty(), dropped);
  }

  @Override
  public void watchConfiguration(BooleanSupplier successful, Supplier<Instant> loadedAt, IntSupplier waiting) {
    gauge(Described.CONFIG_SUCCESSFUL, () -> successful.getAsBoolean() ? 1 : 0);
    gauge(Described.CONFIG_LOADED_AT, () -> loadedAt.get().toEpochMilli() / 1e3);
    gauge(Described.CONFIG_WAITING, waiting::getAsInt);
  }

  private void gauge(Described of, Supplier<Number> figure) {
    kept(Gauge.builder(of.name(), figure)
        .description(of.sentence()).baseUnit(of.unit()).strongReference(true).register(registry));
  }

  @Override
  public void watchStore(String store, BooleanSupplier up) {
    kept(Gauge.builder(Described.STORE_UP.name(), up, asked -> asked.getAsBoolean() ? 1 : 0)
        .description(Described.STORE_UP.sentence()).tags("store", store).strongReference(true).register(registry));
  }

  @Override
  public void refresh() {
    List<BackendRow> rows;
    List<PoolRow> breakers;
    try {
      rows = backends.get();
      breakers = pools.get();
      backendsFailed = false;
    } catch (RuntimeException e) {
      // Not passed on: the other metrics are still worth reading.
      log.atLevel(backendsFailed ? Level.DEBUG : Level.WARN).setCause(e)
          .log("The backends cannot be asked; the metrics show them as they were");
      backendsFailed = true;
      return;
    }
    List<MultiGauge.Row<?>> healthy = new ArrayList<>();
    List<MultiGauge.Row<?>> inFlight = new ArrayList<>();
    List<MultiGauge.Row<?>> ejected = new ArrayList<>();
    List<MultiGauge.Row<?>> weight = new ArrayList<>();
    for (BackendRow row : rows) {
      Tags tags = Tags.of("backend", row.backend(), "pool", row.pool());
      healthy.add(MultiGauge.Row.of(tags, row.healthy() ? 1 : 0));
      inFlight.add(MultiGauge.Row.of(tags, row.inFlight()));
      ejected.add(MultiGauge.Row.of(tags, row.ejected() ? 1 : 0));
      weight.add(MultiGauge.Row.of(tags, row.weight()));
    }
    backendsHealthy.register(healthy, true);
    backendsInFlight.register(inFlight, true);
    backendsEjected.register(ejected, true);
    backendsWeight.register(weight, true);
    List<MultiGauge.Row<?>> states = new ArrayList<>();
    for (PoolRow row : breakers) {
      for (Breaker state : Breaker.values()) {
        states.add(MultiGauge.Row.of(
            Tags.of("pool", row.pool(), "state", lower(state)), row.breaker() == state ? 1 : 0));
      }
    }
    poolsBreaker.register(states, true);
  }

  @Override
  public void close() {
    pools = List::of;
    watchBackends(List::of);
    meters.forEach(registry::remove);
    meters.clear();
    asked.clear();
  }

  private Counter refusals(Reason reason, String rule) {
    String policy = rule.isEmpty() ? "none" : policy(rule);
    Map<String, Counter> ofReason = refusals.get(reason);
    Counter counter = ofReason.get(policy);
    return counter != null ? counter : ofReason.computeIfAbsent(
        policy, name -> counter(Described.REFUSALS, Tags.of("reason", lower(reason), "policy", name)));
  }

  private String policy(String rule) {
    if (policies.contains(rule)) {
      return rule;
    }
    if (policies.size() < MOST_POLICIES) {
      synchronized (policies) {
        return policies.contains(rule) || policies.size() < MOST_POLICIES && policies.add(rule) ? rule : "other";
      }
    }
    return "other";
  }

  private Counter counter(Described of, Tags tags) {
    return kept(Counter.builder(of.name())
        .description(of.sentence()).baseUnit(of.unit()).tags(tags).register(registry));
  }

  private MultiGauge gauges(Described of) {
    return MultiGauge.builder(of.name()).description(of.sentence()).register(registry);
  }

  private <M extends Meter> M kept(M meter) {
    meters.add(meter);
    return meter;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}

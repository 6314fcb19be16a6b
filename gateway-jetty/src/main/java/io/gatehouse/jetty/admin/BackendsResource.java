package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.BackendRoster;
import io.gatehouse.core.setup.Pools;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Health;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The backends: those of the configuration file, those that were discovered, and those that are kept in the store,
 * which go before the others of the same address. Health is what this node knows.
 */
final class BackendsResource {

  private static final String PATH = AdminServlet.ROOT + "backends";
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_INTERVAL = Duration.ofDays(1);
  private static final Duration USUAL_INTERVAL = Duration.ofSeconds(30);

  private static final FieldType<Integer> WEIGHT =
      FieldTypes.count(1, Upstream.MOST_WEIGHT).map(Long::intValue);
  private static final FieldType<Upstream.State> STATE = FieldTypes.choice(Upstream.State.class);

  private final Map<URI, Upstream> configured;
  private final BackendRoster roster;
  private final BackendAdmin kept;
  private final Pools pools;
  private final FieldType<Duration> interval;
  private final FieldType<String> poolName;

  BackendsResource(Settings settings, BackendAdmin kept, BackendRoster roster, Pools pools) {
    this.configured = byUri(settings.backends());
    this.kept = kept;
    this.roster = roster;
    this.pools = pools;
    this.poolName =
        FieldTypes.text("one of " + String.join(", ", pools.names()), name -> pools.named(name).isPresent());
    Duration timeout = settings.healthCheck().timeout(); // a probe is over before the next one
    this.interval =
        FieldTypes.duration(
            timeout.compareTo(SHORTEST_INTERVAL) > 0 ? timeout : SHORTEST_INTERVAL, LONGEST_INTERVAL);
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("PUT", PATH, this::put);
    router.add("DELETE", PATH, this::delete, "url");
  }

  private Answer list(Call call) {
    call.check();
    Map<URI, Upstream> stored = byUri(kept.backends());
    Map<URI, Upstream> all = new LinkedHashMap<>(configured);
    byUri(roster.discovered()).forEach(all::putIfAbsent);
    all.putAll(stored);
    Map<URI, Standing> standings = standings();
    ObjectNode body = Json.object();
    ArrayNode rows = body.putArray("backends");
    all.forEach((uri, backend) -> rows.add(json(backend, stored.containsKey(uri), standings)));
    ArrayNode breakers = body.putArray("pools");
    pools.all().forEach(
        entry ->
            breakers.addObject().put("pool", entry.name()).put("breaker", lower(entry.pool().breakerState())));
    return Answer.ok(body);
  }

  /** What is left out stays as it is, so that a backend can be drained without knowing its weight. */
  private Answer put(Call call) {
    Fields body = call.body("url", "weight", "state", "health_check_interval", "pool");
    Optional<URI> uri = body.require("url", FieldTypes.BACKEND);
    Optional<Integer> weight = body.get("weight", WEIGHT);
    Optional<Upstream.State> state = body.get("state", STATE);
    Optional<Duration> every = body.get("health_check_interval", interval);
    Optional<String> pool = body.get("pool", poolName);
    call.check();
    Optional<Upstream> current = find(uri.get()).or(() -> given(uri.get()));
    EntityTag.check(call.request(), Optional.empty(), current.isPresent());
    Upstream base =
        current.orElseGet(() -> new Upstream(uri.get(), 1, Upstream.State.ENABLED, USUAL_INTERVAL));
    Upstream backend =
        new Upstream(
            uri.get(),
            weight.orElse(base.weight()),
            state.orElse(base.state()),
            every.orElse(base.healthCheckInterval()),
            pool.orElse(base.pool()));
    kept.putBackend(backend);
    ObjectNode answer = json(backend, true, standings());
    return current.isPresent() ? Answer.ok(answer) : new Answer(201, Optional.of(answer), Map.of(), true);
  }

  private Answer delete(Call call) {
    Optional<URI> uri = call.query().require("url", FieldTypes.BACKEND);
    call.check();
    boolean given = given(uri.get()).isPresent();
    boolean inStore = find(uri.get()).isPresent();
    EntityTag.check(call.request(), Optional.empty(), given || inStore);
    if (kept.deleteBackend(uri.get())) {
      return Answer.noContent();
    }
    if (given) {
      throw new ProblemException(
          Problem.of(
              409,
              "backend-configured",
              "Backend in the configuration",
              "The configuration names or finds this backend; drain it, or take it out there."));
    }
    throw ProblemException.notFound("There is no backend with this address.");
  }

  /** The backend as the configuration names it or discovery has found it. */
  private Optional<Upstream> given(URI uri) {
    return Optional.ofNullable(configured.get(uri)).or(() -> Optional.ofNullable(byUri(roster.discovered()).get(uri)));
  }

  private Optional<Upstream> find(URI uri) {
    return kept.backends().stream().filter(backend -> backend.uri().equals(uri)).findFirst();
  }

  private Map<URI, Standing> standings() {
    return pools.standings().stream()
        .collect(Collectors.toMap(standing -> standing.upstream().uri(), Function.identity()));
  }

  private ObjectNode json(Upstream backend, boolean stored, Map<URI, Standing> standings) {
    // Missing for the moment until the change has reached the pool.
    Optional<Standing> standing = Optional.ofNullable(standings.get(backend.uri()));
    CircuitBreaker.State breaker = standing.map(Standing::breaker).orElse(CircuitBreaker.State.CLOSED);
    Health health = standing.map(Standing::health).orElse(Health.UNCHECKED);
    return Json.object()
        .put("url", backend.uri().toString())
        .put("pool", backend.pool())
        .put("weight", backend.weight())
        .put("state", backend.state().name().toLowerCase(Locale.ROOT))
        .put("health_check_interval", Durations.text(backend.healthCheckInterval()))
        .put("origin", stored ? "store" : configured.containsKey(backend.uri()) ? "file" : "discovery")
        .put("in_file", configured.containsKey(backend.uri()))
        .put("health", health.name().toLowerCase(Locale.ROOT))
        .put("since", standing.map(found -> found.since().toString()).orElse(null))
        .put("breaker", lower(breaker))
        .put("ejected_until", standing.flatMap(Standing::ejectedUntil).map(Instant::toString).orElse(null))
        .put("share", standing.map(Standing::share).orElse(100))
        .put("in_flight", standing.map(Standing::inFlight).orElse(0))
        .put("last_error", standing.flatMap(Standing::lastError).orElse(null));
  }

  private static String lower(CircuitBreaker.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static Map<URI, Upstream> byUri(List<Upstream> backends) {
    Map<URI, Upstream> byUri = new LinkedHashMap<>();
    backends.forEach(backend -> byUri.put(backend.uri(), backend));
    return byUri;
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.Role;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.BackendRoster;
import io.gatehouse.core.setup.Pools;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Health;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Durations;
import io.gatehouse.jetty.api.EntityTag;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registration;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The backends: those of the configuration file, those that were discovered, and those that are kept in the store,
 * which go before the others of the same address: for good, or while they beat. Health is what this node knows.
 *
 * <p>A backend may do a part of it about itself: register, beat and leave.
 */
final class BackendsResource {

  private static final String PATH = AdminServlet.ROOT + "backends";
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_INTERVAL = Duration.ofDays(1);
  private static final Duration USUAL_INTERVAL = Duration.ofSeconds(30);

  private static final String[] FIELDS = {"url", "weight", "state", "health_check_interval", "pool", "ttl"};

  private static final FieldType<Duration> TTL = FieldTypes.duration(Duration.ofSeconds(5), Duration.ofHours(1));
  private static final FieldType<Integer> WEIGHT =
      FieldTypes.count(1, Upstream.MOST_WEIGHT).map(Long::intValue);
  private static final FieldType<Upstream.State> STATE = FieldTypes.choice(Upstream.State.class);

  private final Map<URI, Upstream> configured;
  private final BackendRoster roster;
  private final BackendAdmin kept;
  private final Registrations registrations;
  private final Pools pools;
  private final InstantSource clock;
  private final FieldType<Duration> interval;
  private final FieldType<String> poolName;

  /** What a document says of a backend besides its address; what is left out stays as it is. */
  private record Said(
      Optional<Integer> weight, Optional<Upstream.State> state, Optional<Duration> every, Optional<String> pool) {

    boolean nothing() {
      return weight.isEmpty() && state.isEmpty() && every.isEmpty() && pool.isEmpty();
    }

    Upstream of(Upstream base) {
      return new Upstream(
          base.uri(),
          weight.orElse(base.weight()),
          state.orElse(base.state()),
          every.orElse(base.healthCheckInterval()),
          pool.orElse(base.pool()));
    }
  }

  BackendsResource(
      Settings settings,
      BackendAdmin kept,
      Registrations registrations,
      BackendRoster roster,
      Pools pools,
      InstantSource clock) {
    this.configured = byUri(settings.backends());
    this.kept = kept;
    this.registrations = registrations;
    this.clock = clock;
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
    router.add("DELETE", PATH, this::delete);
  }

  private Answer list(Call call) {
    call.check();
    Map<URI, Registration> registered = new LinkedHashMap<>();
    registrations.registrations().stream()
        .filter(this::present)
        .forEach(each -> registered.put(each.upstream().uri(), each));
    Map<URI, Upstream> stored = byUri(kept.backends());
    Map<URI, Upstream> all = new LinkedHashMap<>(configured);
    byUri(roster.discovered()).forEach(all::putIfAbsent);
    registered.forEach((uri, each) -> all.put(uri, each.upstream()));
    all.putAll(stored);
    Map<URI, Standing> standings = standings();
    ObjectNode body = Json.object();
    ArrayNode rows = body.putArray("backends");
    all.forEach((uri, backend) -> rows.add(
        stored.containsKey(uri) || !registered.containsKey(uri)
            ? json(backend, stored.containsKey(uri), standings)
            : json(registered.get(uri), standings)));
    ArrayNode breakers = body.putArray("pools");
    pools.all().forEach(
        entry ->
            breakers.addObject().put("pool", entry.name()).put("breaker", lower(entry.pool().breakerState())));
    return Answer.ok(body);
  }

  /** What is left out stays as it is, so that a backend can be drained without knowing its weight. */
  private Answer put(Call call) {
    if (call.caller().role() == Role.REGISTRAR) {
      return announce(call);
    }
    Fields body = call.body(FIELDS);
    Optional<URI> uri = body.require("url", FieldTypes.BACKEND);
    Optional<Registration> registered = uri.flatMap(this::registration);
    Optional<Registration> current = registered.filter(this::present);
    Optional<Duration> ttl = body.clearable("ttl", TTL, current.map(Registration::ttl));
    Said said = said(body);
    call.check();
    if (ttl.isPresent()) {
      return register(call, uri.get(), said, ttl.get(), registered);
    }
    Optional<Upstream> stored = find(uri.get());
    Optional<Upstream> there =
        stored.or(() -> current.map(Registration::upstream)).or(() -> given(uri.get()));
    EntityTag.check(call.request(), Optional.empty(), there.isPresent());
    Upstream backend = said.of(there.orElseGet(() -> usual(uri.get())));
    kept.putBackend(backend);
    touch(
        call,
        stored.map(each -> rules(each, Optional.empty())).or(() -> current.map(BackendsResource::rules)),
        rules(backend, Optional.empty()));
    return put(there.isPresent(), json(backend, true, standings()));
  }

  /** As a backend registers itself. */
  private Answer announce(Call call) {
    Fields body = call.body(FIELDS);
    Optional<URI> uri = body.require("url", FieldTypes.BACKEND);
    Optional<Duration> ttl = body.require("ttl", TTL);
    Said said = said(body);
    call.check();
    if (given(uri.get()).isPresent()) {
      throw configured("The configuration names or finds this backend; it does not register.");
    }
    return register(call, uri.get(), said, ttl.get(), registration(uri.get()));
  }

  private Answer register(Call call, URI uri, Said said, Duration ttl, Optional<Registration> before) {
    boolean there = before.filter(this::present).isPresent() || given(uri).isPresent() || find(uri).isPresent();
    EntityTag.check(call.request(), Optional.empty(), there);
    Upstream base = before.map(Registration::upstream).or(() -> given(uri)).orElseGet(() -> usual(uri));
    Upstream backend = said.of(base);
    if (!said.nothing() || !registrations.beat(uri, ttl)) {
      switch (registrations.register(backend, ttl)) {
        case KEPT -> { }
        case LASTING -> throw new ProblemException(
            Problem.of(
                409,
                "backend-kept",
                "Backend kept for good",
                "This backend is kept without a ttl; take it away before it registers."));
        case FULL -> throw new ProblemException(
            Problem.of(
                409,
                "registrations-full",
                "Too many registrations",
                "There are " + Registrations.MOST + " registered backends, and all of them beat."));
      }
    }
    Registration registered = new Registration(backend, ttl, ttl);
    touch(call, before.filter(this::present).map(BackendsResource::rules), rules(registered));
    return put(there, json(registered, standings()));
  }

  private static Answer put(boolean there, ObjectNode answer) {
    return there ? Answer.ok(answer) : new Answer(201, Optional.of(answer), Map.of(), true);
  }

  private Answer delete(Call call) {
    if (call.caller().role() == Role.REGISTRAR) {
      return leave(call);
    }
    Optional<URI> uri = call.query().require("url", FieldTypes.BACKEND);
    call.check();
    boolean given = given(uri.get()).isPresent();
    boolean registered = registration(uri.get()).filter(this::present).isPresent();
    boolean inStore = registered || find(uri.get()).isPresent();
    EntityTag.check(call.request(), Optional.empty(), given || inStore);
    Optional<ObjectNode> before =
        find(uri.get())
            .map(each -> rules(each, Optional.empty()))
            .or(() -> registration(uri.get()).map(BackendsResource::rules));
    if (kept.deleteBackend(uri.get())) {
      call.touch(object(uri.get().toString()), before, Optional.empty());
      return Answer.noContent();
    }
    if (given) {
      throw configured("The configuration names or finds this backend; drain it, or take it out there.");
    }
    throw ProblemException.notFound("There is no backend with this address.");
  }

  /** Tells what is kept now, unless that is what was kept before: a backend that beats changes nothing. */
  private static void touch(Call call, Optional<ObjectNode> before, ObjectNode after) {
    if (!before.equals(Optional.of(after))) {
      call.touch(object(after.path("url").asText()), before, Optional.of(after));
    }
  }

  /** How it is called where changes are told. */
  private static String object(String url) {
    return "backends/" + url;
  }

  private static ObjectNode rules(Registration registration) {
    return rules(registration.upstream(), Optional.of(registration.ttl()));
  }

  private static ObjectNode rules(Upstream backend) {
    return Json.object()
        .put("url", backend.uri().toString())
        .put("pool", backend.pool())
        .put("weight", backend.weight())
        .put("state", backend.state().name().toLowerCase(Locale.ROOT))
        .put("health_check_interval", Durations.text(backend.healthCheckInterval()));
  }

  /** What is kept of it. */
  private static ObjectNode rules(Upstream backend, Optional<Duration> ttl) {
    return rules(backend).put("ttl", ttl.map(Durations::text).orElse(null));
  }

  /** As a backend leaves. */
  private Answer leave(Call call) {
    Optional<URI> uri = call.query().require("url", FieldTypes.BACKEND);
    call.check();
    boolean registered = registration(uri.get()).filter(this::present).isPresent();
    EntityTag.check(call.request(), Optional.empty(), registered);
    if (registrations.deregister(uri.get())) {
      return Answer.noContent();
    }
    throw ProblemException.notFound("No backend is registered with this address.");
  }

  private Said said(Fields body) {
    return new Said(
        body.get("weight", WEIGHT),
        body.get("state", STATE),
        body.get("health_check_interval", interval),
        body.get("pool", poolName));
  }

  private static Upstream usual(URI uri) {
    return new Upstream(uri, 1, Upstream.State.ENABLED, USUAL_INTERVAL);
  }

  private static ProblemException configured(String detail) {
    return new ProblemException(Problem.of(409, "backend-configured", "Backend in the configuration", detail));
  }

  private Optional<Registration> registration(URI uri) {
    return registrations.registrations().stream().filter(each -> each.upstream().uri().equals(uri)).findFirst();
  }

  /** Whether it was heard of in time, or is excused by this node because the store was away. */
  private boolean present(Registration registration) {
    return registration.live() || roster.registered(registration.upstream().uri());
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
    String origin = stored ? "store" : configured.containsKey(backend.uri()) ? "file" : "discovery";
    return json(backend, origin, standings).putNull("ttl").putNull("expires_at");
  }

  private ObjectNode json(Registration registered, Map<URI, Standing> standings) {
    Instant expiresAt = clock.instant().plus(registered.left()).truncatedTo(ChronoUnit.MILLIS);
    return json(registered.upstream(), "registration", standings)
        .put("ttl", Durations.text(registered.ttl()))
        .put("expires_at", expiresAt.toString());
  }

  private ObjectNode json(Upstream backend, String origin, Map<URI, Standing> standings) {
    // Missing for the moment until the change has reached the pool.
    Optional<Standing> standing = Optional.ofNullable(standings.get(backend.uri()));
    CircuitBreaker.State breaker = standing.map(Standing::breaker).orElse(CircuitBreaker.State.CLOSED);
    Health health = standing.map(Standing::health).orElse(Health.UNCHECKED);
    return rules(backend)
        .put("origin", origin)
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

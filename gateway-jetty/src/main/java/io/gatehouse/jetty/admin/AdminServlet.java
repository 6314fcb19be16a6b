package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.StoreException;
import io.gatehouse.admin.Role;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.admin.LimitsResource.Owner;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.LimitAdmin;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Administration over HTTP: everything below {@value #ROOT}, as docs/api.md describes it. Only administrators
 * get more than a 401. Serve it where the raw path begins so, mapped to everything.
 *
 * <p>Any number of threads; blocks as the stores do. A change is one transaction, in which it is judged, made, entered into
 * the audit log and, where the client has given it a key, remembered. Such transactions happen one after the other, on all
 * nodes, so that what a change was based on (its preconditions, and the values it leaves as they are) still holds when it is
 * made.
 */
public final class AdminServlet extends HttpServlet {

  /** What the paths of administration begin with: {@value}. */
  public static final String ROOT = "/api/v1/";

  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(AdminServlet.class);
  private static final String DRY_RUN = "dryRun";

  private final transient Gatehouse gatehouse;
  private final transient Configuration configuration;
  private final transient Stores stores;
  private final transient Administrators administrators;
  private final transient KnownUsers users;
  private final transient Repeats repeats;
  private final transient InstantSource clock = InstantSource.system();

  /** What answers by the snapshot that was in force last. */
  private volatile transient Answering answering;

  /** The answers of administration by one snapshot of the settings. */
  private record Answering(Snapshot snapshot, Router router, Trail trail) {}

  /** @param configuration that of the gateway */
  public AdminServlet(Gatehouse gatehouse, Configuration configuration, Administrators administrators) {
    this.gatehouse = Objects.requireNonNull(gatehouse, "gatehouse");
    this.configuration = Objects.requireNonNull(configuration, "configuration");
    this.administrators = Objects.requireNonNull(administrators, "administrators");
    this.stores = gatehouse.stores();
    this.users = new KnownUsers(stores.users());
    this.repeats = new Repeats(stores.answers(), stores.seal(), clock);
    this.answering = answering(gatehouse.snapshot());
  }

  /** By the snapshot that is in force now. */
  private Answering answering() {
    Answering known = answering;
    Snapshot now = gatehouse.snapshot();
    if (known.snapshot() != now) {
      known = answering(now);
      answering = known;
    }
    return known;
  }

  private Answering answering(Snapshot snapshot) {
    Router router = new Router(Operations.ALL);
    Settings settings = snapshot.settings();
    new UsersResource(stores.users(), stores.plans(), users, clock).addTo(router);
    new KeysResource(stores.keys(), stores.issuer(), stores.leaks(), users, clock).addTo(router);
    WhitelistResource.allowed(stores.whitelist(), users).addTo(router);
    WhitelistResource.denied(stores.whitelist(), users).addTo(router);
    addLimits(settings.rateLimits(), router);
    new QuotasResource(stores.quotas(), snapshot.quotaPlan(), stores.plans(), snapshot.quotaAccounts(), users)
        .addTo(router);
    new PlansResource(stores.plans(), new PlanDocument(settings.rateLimits().concurrencyTimeout())).addTo(router);
    new UserPlanResource(stores.plans(), snapshot.quotaAccounts(), users, clock).addTo(router);
    new CalendarResource(stores.quotas(), snapshot.quotaPlan(), users).addTo(router);
    new UsageResource(snapshot.quotaAccounts(), users).addTo(router);
    new DecisionsResource(gatehouse).addTo(router);
    new HistoryResource(stores.traffic(), settings.quotas().calendar().zone(), users, clock).addTo(router);
    new RequestsResource(stores.requests(), clock).addTo(router);
    new BackendsResource(
            settings,
            stores.backends(),
            stores.registrations(),
            gatehouse.roster(),
            gatehouse.pools(),
            clock)
        .addTo(router);
    new CacheResource(gatehouse.answers(), stores.announcements()).addTo(router);
    new RoutesResource(settings, gatehouse.pools()).addTo(router);
    new AdministratorsResource(stores.administrators(), stores.tokens(), clock).addTo(router);
    new AuditResource(stores.audit(), clock).addTo(router);
    new SettingsResource(configuration).addTo(router);
    router.add("GET", OpenApi.PATH, AdminServlet::describe);
    router.requireWhole();
    return new Answering(snapshot, router, new Trail(router, administrators, stores.audit(), clock));
  }

  private void addLimits(RateLimitSettings defaults, Router router) {
    LimitAdmin limits = stores.limits();
    Duration timeout = defaults.concurrencyTimeout();
    new LimitsResource(limits, Level.USER, defaults.userLevel(), stores.plans(), timeout)
        .addTo(
            router,
            "users/{id}/limits",
            id -> {
              String user = users.require(id).id();
              return new Owner(user, Optional.of(user));
            });
    new LimitsResource(limits, Level.KEY, defaults.keyLevel(), stores.plans(), timeout)
        .addTo(
            router,
            "keys/{id}/limits",
            id -> stores.keys().key(id)
                .map(key -> new Owner(key.lineage(), Optional.of(key.user())))
                .orElseThrow(KeysResource::missing));
    new LimitsResource(limits, Level.TENANT, defaults.tenantLevel(), stores.plans(), timeout)
        .addTo(router, "tenants/{id}/limits", id -> new Owner(tenant(id), Optional.empty()));
  }

  private static Answer describe(Call call) {
    call.check();
    return Answer.ok(OpenApi.document());
  }

  /** A tenant is there as soon as it is named. */
  private static String tenant(String name) {
    if (!User.isTenant(name)) {
      throw ProblemException.notFound("No tenant can have this name.");
    }
    return name;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    try {
      answer(request).send(request, response);
    } catch (ProblemException e) {
      e.send(response);
    } catch (StoreException e) {
      log.warn("Administration cannot use its store: {} ({})", e.getMessage(), String.valueOf(e.getCause()));
      response.setHeader("Retry-After", "1");
      Problem.of(503, "store-unavailable", "Temporarily unavailable", "The store cannot answer now.")
          .send(response);
    } catch (RuntimeException e) {
      log.error("Administration failed at {} {}", request.getMethod(), request.getRequestURI(), e);
      Problem.of(500, "internal-error", "Internal error", "The gateway could not handle the request.")
          .send(response);
    }
  }

  private Answer answer(HttpServletRequest request) throws IOException {
    Caller caller = administrators.require(request);
    Answering current = answering();
    Router.Match match = current.router().find(request.getMethod(), request.getRequestURI());
    Operation operation = match.operation();
    if (!operation.roles().contains(caller.role())) {
      throw ProblemException.forbidden(operation.roles());
    }
    requireOwn(match, caller);
    // A backend that says that it is there changes nothing that somebody has to answer for, and says so every few seconds.
    boolean beats = caller.role() == Role.REGISTRAR;
    boolean changes = operation.effect() == Operation.Effect.CHANGES && !beats;
    List<String> parameters = new ArrayList<>(operation.parameterNames());
    if (changes) {
      parameters.add(DRY_RUN);
    }
    Faults faults = new Faults();
    Fields query = Query.read(request.getQueryString(), parameters, faults);
    if (operation.effect() == Operation.Effect.READS) {
      return match.handler().handle(new Call(request, caller, match.id(), query, Optional.empty(), faults));
    }
    Call call = new Call(request, caller, match.id(), query, RequestBody.read(request), faults);
    return changes ? change(match, call, current.trail()) : match.handler().handle(call);
  }

  /** Ends a request that names what is not of the caller's tenant, as if it were not there. */
  private void requireOwn(Router.Match match, Caller caller) {
    if (caller.tenant().isEmpty() || !match.operation().hasId()) {
      return;
    }
    String id = match.id();
    String kind = match.path().substring(0, match.path().indexOf('/'));
    switch (kind) {
      case "users" -> users.require(id, caller);
      case "keys", "usage" -> stores.keys().key(id)
          .filter(key -> users.has(key.user(), caller))
          .orElseThrow(KeysResource::missing);
      case "tenants" -> {
        if (!caller.mayKnow(Optional.of(id))) {
          throw ProblemException.notFound("There is no tenant of this name.");
        }
      }
      default -> throw new IllegalStateException(kind + " has no owner that could be compared with a tenant");
    }
  }

  private Answer change(Router.Match match, Call call, Trail trail) {
    boolean dryRun = call.query().get(DRY_RUN, FieldTypes.TRUE_OR_FALSE).orElse(false);
    Optional<Repeats.Turn> turn = dryRun ? Optional.empty() : repeats.begin(match, call);
    try {
      return stores.together(
          match.operation().id(),
          joint -> {
            Optional<Answer> before = turn.flatMap(Repeats.Turn::before);
            if (before.isPresent()) {
              return before.get();
            }
            Optional<ObjectNode> shown = trail.shown(match, call);
            Answer answer = match.handler().handle(call);
            List<Touched> touched = trail.touched(match, call, shown, answer);
            if (dryRun) {
              joint.undo();
              return Trail.told(answer, touched);
            }
            trail.enter(match, call, touched);
            turn.ifPresent(each -> each.keep(answer));
            return answer;
          });
    } finally {
      turn.ifPresent(Repeats.Turn::close);
    }
  }
}

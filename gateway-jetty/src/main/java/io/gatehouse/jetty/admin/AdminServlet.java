package io.gatehouse.jetty.admin;

import io.gatehouse.admin.Role;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.admin.LimitsResource.Owner;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.ApiServlet;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Caller;
import io.gatehouse.jetty.api.Handling;
import io.gatehouse.jetty.api.KeyFields;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Repeats;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.Trail;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.LimitAdmin;
import io.gatehouse.quota.QuotaOwner;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * Administration over HTTP: everything below {@value #ROOT}, as docs/api.md describes it. Only administrators
 * get more than a 401. Serve it where the raw path begins so, mapped to everything.
 *
 * <p>Any number of threads; blocks as the stores do.
 */
public final class AdminServlet extends ApiServlet {

  /** What the paths of administration begin with: {@value}. */
  public static final String ROOT = Operation.ROOT;

  private static final long serialVersionUID = 1L;

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
  private record Answering(Snapshot snapshot, Router router, Handling handling) {}

  /** @param configuration that of the gateway */
  public AdminServlet(Gatehouse gatehouse, Configuration configuration, Administrators administrators) {
    super("Administration");
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
    new KeysResource(stores.keys(), stores.issuer(), stores.leaks(), stores.quotas(), users, clock).addTo(router);
    WhitelistResource.allowed(stores.whitelist(), users).addTo(router);
    WhitelistResource.denied(stores.whitelist(), users).addTo(router);
    addLimits(settings.rateLimits(), router);
    new QuotasResource(stores.quotas(), snapshot.quotaPlan(), stores.plans(), snapshot.quotaAccounts(), users)
        .addTo(router);
    new PlansResource(stores.plans(), new PlanDocument(settings.rateLimits().concurrencyTimeout())).addTo(router);
    new UserPlanResource(stores.plans(), users, clock).addTo(router);
    new CalendarResource(stores.quotas(), snapshot.quotaPlan(), users).addTo(router);
    new KeyQuotasResource(stores.quotas(), snapshot.quotaAccounts(), stores.keys()).addTo(router);
    UsageResource usage = new UsageResource(snapshot.quotaAccounts(), clock);
    usage.addTo(router, "users/{id}", id -> QuotaOwner.ofUser(users.require(id).id()));
    usage.addTo(
        router,
        "keys/{id}",
        id -> stores.keys().key(id)
            .map(key -> QuotaOwner.ofKey(key.user(), key.lineage()))
            .orElseThrow(KeyFields::missing));
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
    new RoutesResource(settings, gatehouse.pools()).addTo(router);
    new AdministratorsResource(stores.administrators(), stores.tokens(), clock).addTo(router);
    new AuditResource(stores.audit(), clock).addTo(router);
    new SettingsResource(configuration).addTo(router);
    router.add("GET", OpenApi.PATH, AdminServlet::describe);
    router.requireWhole();
    Trail trail = new Trail(router, administrators::address, stores.audit(), clock);
    return new Answering(snapshot, router, new Handling(stores, repeats, trail));
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
                .orElseThrow(KeyFields::missing));
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
    send(request, response);
  }

  @Override
  protected Answer answer(HttpServletRequest request) throws IOException {
    Caller caller = administrators.require(request);
    Answering current = answering();
    Router.Match match = current.router().find(request.getMethod(), request.getRequestURI());
    Operation operation = match.operation();
    if (!operation.roles().contains(caller.role())) {
      throw ProblemException.forbidden(operation.roles());
    }
    requireOwn(match, caller);
    // A backend that says that it is there changes nothing that somebody has to answer for, and says so every few seconds.
    return caller.role() == Role.REGISTRAR
        ? current.handling().answerUnnoted(request, caller, match)
        : current.handling().answer(request, caller, match);
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
          .orElseThrow(KeyFields::missing);
      case "tenants" -> {
        if (!caller.mayKnow(Optional.of(id))) {
          throw ProblemException.notFound("There is no tenant of this name.");
        }
      }
      default -> throw new IllegalStateException(kind + " has no owner that could be compared with a tenant");
    }
  }
}

package io.gatehouse.jetty.admin;

import io.gatehouse.StoreException;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.LimitAdmin;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Administration over HTTP: everything below {@value #ROOT}, as docs/api.md describes it. Only administrators
 * get more than a 401, and those who may register backends, for that only. Serve it where the raw path begins so, mapped to everything.
 *
 * <p>Any number of threads; blocks as the stores do. Changes made through one servlet happen one after the
 * other, so that what a change was based on (its preconditions, and the values it leaves as they are) still
 * holds when it is made.
 */
public final class AdminServlet extends HttpServlet {

  /** What the paths of administration begin with: {@value}. */
  public static final String ROOT = "/api/v1/";

  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(AdminServlet.class);
  private static final Set<String> READING = Set.of("GET", "HEAD");

  private final transient Gatehouse gatehouse;
  private final transient Configuration configuration;
  private final transient Predicate<HttpServletRequest> administrator;
  private final transient Predicate<HttpServletRequest> registrar;

  /** What answers by the snapshot that was in force last. */
  private volatile transient Answering answering;

  /**
   * The answers of administration by one snapshot of the settings.
   *
   * @param registration what those may do who only register backends
   */
  private record Answering(Snapshot snapshot, Router router, Router registration) {}

  /** Held during every change, by one servlet; the bodies of requests are read before. */
  private final transient ReentrantLock changes = new ReentrantLock();

  /**
   * Serves administrators, and backends that register themselves.
   *
   * @param configuration that of the gateway
   * @param registrar tells who may register backends, let them beat and take them away again, and nothing else
   */
  public AdminServlet(
      Gatehouse gatehouse,
      Configuration configuration,
      Predicate<HttpServletRequest> administrator,
      Predicate<HttpServletRequest> registrar) {
    this.gatehouse = Objects.requireNonNull(gatehouse, "gatehouse");
    this.configuration = Objects.requireNonNull(configuration, "configuration");
    this.registrar = Objects.requireNonNull(registrar, "registrar");
    this.administrator = Objects.requireNonNull(administrator, "administrator");
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
    Router router = new Router();
    Settings settings = snapshot.settings();
    InstantSource clock = InstantSource.system();
    Stores stores = gatehouse.stores();
    KnownUsers users = new KnownUsers(stores.users());
    new UsersResource(stores.users(), users, clock).addTo(router);
    new KeysResource(stores.keys(), stores.issuer(), users, clock).addTo(router);
    new WhitelistResource(stores.whitelist(), users).addTo(router);
    addLimits(settings.rateLimits(), users, router);
    new QuotasResource(stores.quotas(), snapshot.quotaPlan(), snapshot.quotaAccounts(), users).addTo(router);
    new CalendarResource(stores.quotas(), snapshot.quotaPlan(), users).addTo(router);
    new UsageResource(snapshot.quotaAccounts(), users).addTo(router);
    new DecisionsResource(gatehouse).addTo(router);
    new HistoryResource(stores.traffic(), settings.quotas().calendar().zone(), users, clock).addTo(router);
    new RequestsResource(stores.requests(), clock).addTo(router);
    BackendsResource backends =
        new BackendsResource(
            settings,
            stores.backends(),
            stores.registrations(),
            gatehouse.roster(),
            gatehouse.pool(),
            clock);
    Router registration = new Router();
    backends.addTo(router);
    backends.addOwnTo(registration);
    new SettingsResource(configuration).addTo(router);
    return new Answering(snapshot, router, registration);
  }

  private void addLimits(RateLimitSettings defaults, KnownUsers users, Router router) {
    LimitAdmin limits = gatehouse.stores().limits();
    Duration timeout = defaults.concurrencyTimeout();
    new LimitsResource(limits, Level.USER, defaults.userLevel(), timeout)
        .addTo(router, "users/{id}/limits", id -> users.require(id).id());
    new LimitsResource(limits, Level.KEY, defaults.keyLevel(), timeout)
        .addTo(
            router,
            "keys/{id}/limits",
            id -> gatehouse.stores().keys().key(id).map(ApiKey::lineage).orElseThrow(KeysResource::missing));
    new LimitsResource(limits, Level.TENANT, defaults.tenantLevel(), timeout)
        .addTo(router, "tenants/{id}/limits", AdminServlet::tenant);
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

  private Router routes(HttpServletRequest request) {
    if (administrator.test(request)) {
      return answering().router();
    }
    if (registrar.test(request)) {
      return answering().registration();
    }
    throw ProblemException.unauthorized();
  }

  private Answer answer(HttpServletRequest request) throws IOException {
    Router.Match match = routes(request).find(request.getMethod(), request.getRequestURI());
    Faults faults = new Faults();
    Fields query = Query.read(request.getQueryString(), match.parameters(), faults);
    if (READING.contains(request.getMethod())) {
      return match.handler().handle(new Call(request, match.id(), query, Optional.empty(), faults));
    }
    Call call = new Call(request, match.id(), query, RequestBody.read(request), faults);
    if (!match.changes()) {
      return match.handler().handle(call);
    }
    changes.lock();
    try {
      return match.handler().handle(call);
    } finally {
      changes.unlock();
    }
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.StoreException;
import io.gatehouse.admin.Role;
import io.gatehouse.core.settings.ImageSettings;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Administrable;
import io.gatehouse.core.setup.Basis;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.PlanOptions;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.jetty.admin.LimitsResource.Owner;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Caller;
import io.gatehouse.jetty.api.Envelope;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Handling;
import io.gatehouse.jetty.api.Json;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that administration does, whoever asks and over whatever way: judges the input, looks whether the caller may, does
 * it, and enters it into the audit log. docs/api.md describes the requests.
 *
 * <p>Any number of threads; blocks as the stores do.
 */
public final class Administration {

  private final Administrable gatehouse;
  private final Configuration configuration;
  private final Stores stores;
  private final KnownUsers users;
  private final Repeats repeats;
  private final InstantSource clock;

  /** What answers by the basis that was in force last. */
  private volatile Answering answering;

  /** The answers of administration by one basis. */
  private record Answering(Basis basis, Router router, Handling handling) {}

  /**
   * Administration of a gateway.
   *
   * @param configuration that of the gateway
   */
  public Administration(Administrable gatehouse, Configuration configuration, InstantSource clock) {
    this.gatehouse = Objects.requireNonNull(gatehouse, "gatehouse");
    this.configuration = Objects.requireNonNull(configuration, "configuration");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.stores = gatehouse.stores();
    this.users = new KnownUsers(stores.users());
    this.repeats = new Repeats(stores.answers(), stores.seal(), clock);
    this.answering = answering(gatehouse.snapshot());
  }

  /** By the snapshot that is in force now. */
  private Answering answering() {
    Answering known = answering;
    Basis now = gatehouse.snapshot();
    if (known.basis() != now) {
      known = answering(now);
      answering = known;
    }
    return known;
  }

  private Answering answering(Basis basis) {
    Router router = new Router(Operations.ALL);
    Settings settings = basis.settings();
    new UsersResource(stores.users(), stores.plans(), users, clock).addTo(router);
    new KeysResource(stores.keys(), stores.issuer(), stores.leaks(), stores.quotas(), users, clock).addTo(router);
    String imagePath = settings.images().map(ImageSettings::path).orElse(UrlSigner.PREFIX);
    new SigningSecretsResource(stores.keys(), stores.signing(), imagePath, clock).addTo(router);
    WhitelistResource.allowed(stores.whitelist(), users).addTo(router);
    WhitelistResource.denied(stores.whitelist(), users).addTo(router);
    addLimits(settings.rateLimits(), router);
    new QuotasResource(stores.quotas(), basis.quotaPlan(), stores.plans(), basis.quotaAccounts(), users)
        .addTo(router);
    PlanDocument document = new PlanDocument(settings.rateLimits().concurrencyTimeout());
    new PlansResource(stores.plans(), document, new PlanOptions(settings)).addTo(router);
    new UserPlanResource(stores.plans(), users, clock).addTo(router);
    new CalendarResource(stores.quotas(), basis.quotaPlan(), users).addTo(router);
    new KeyQuotasResource(stores.quotas(), basis.quotaAccounts(), stores.keys()).addTo(router);
    UsageResource usage = new UsageResource(basis.quotaAccounts(), clock);
    usage.addTo(router, "users/{id}", id -> QuotaOwner.ofUser(users.require(id).id()));
    usage.addTo(
        router,
        "keys/{id}",
        id -> stores.keys().key(id)
            .map(key -> QuotaOwner.ofKey(key.user(), key.lineage()))
            .orElseThrow(KeyFields::missing));
    new DecisionsResource(gatehouse).addTo(router);
    new HistoryResource(stores.traffic(), settings.quotas().calendar().zone(), users, clock).addTo(router);
    new BlocksResource(gatehouse, clock).addTo(router);
    new RequestsResource(stores.requests(), clock).addTo(router);
    new BackendsResource(
            settings,
            stores.backends(),
            stores.registrations(),
            gatehouse.roster(),
            gatehouse::pools,
            clock)
        .addTo(router);
    new CacheResource(gatehouse.answers(), stores.announcements()).addTo(router);
    new RoutesResource(settings, gatehouse::pools).addTo(router);
    new AdministratorsResource(stores.administrators(), stores.tokens(), clock).addTo(router);
    new AuditResource(stores.audit(), clock).addTo(router);
    new SettingsResource(configuration).addTo(router);
    router.add("GET", AdminServlet.ROOT + "me", Administration::myself);
    router.add("GET", OpenApi.PATH, Administration::describe);
    router.requireWhole();
    return new Answering(
        basis, router, new Handling(stores, repeats, new Trail(router, stores.audit(), clock)));
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

  private static Answer myself(Call call) {
    call.check();
    Caller caller = call.caller();
    ObjectNode body = Json.object()
        .put("id", caller.id())
        .put("name", caller.name())
        .put("role", FieldTypes.nameOf(caller.role()))
        .put("tenant", caller.tenant().orElse(null));
    ArrayNode operations = body.putArray("operations");
    Operations.ALL.stream()
        .filter(each -> each.roles().contains(caller.role()))
        .map(Operation::id)
        .forEach(operations::add);
    return Answer.ok(body);
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

  /**
   * Does what somebody asks who sits at the machine and may do everything; in the audit log it is entered as done by
   * {@value io.gatehouse.admin.AuditRecord#COMMAND_LINE}.
   *
   * @param name of the user of the machine
   * @return what the API would answer, problems included
   * @throws StoreException when the store cannot answer
   */
  public Reply ask(Request request, String name) {
    try {
      Answer answer =
          answer(
              Caller.commandLine(name),
              request.method(),
              AdminServlet.ROOT + request.path(),
              request.query().isEmpty() ? null : request.query(),
              request,
              request::document);
      return new Reply(answer.status(), answer.headers(), answer.body().map(JsonNode.class::cast));
    } catch (ProblemException e) {
      return new Reply(e.status(), e.headers(), Optional.of(parsed(e.problem().json())));
    } catch (IOException e) {
      throw new UncheckedIOException("a document in memory cannot be read", e);
    }
  }

  private static JsonNode parsed(String json) {
    try {
      return Json.read(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a problem is not JSON", e);
    }
  }

  /**
   * Answers, or throws a {@link ProblemException}.
   *
   * @param path as received, with {@link AdminServlet#ROOT}
   * @param queryText as received; null when there is none
   */
  Answer answer(
      Caller caller, String method, String path, @Nullable String queryText, Envelope envelope, Handling.Document document)
      throws IOException {
    Answering current = answering();
    Router.Match match = current.router().find(method, path);
    Operation operation = match.operation();
    if (!operation.roles().contains(caller.role())) {
      throw ProblemException.forbidden(operation.roles());
    }
    requireOwn(match, caller);
    // A backend that says that it is there changes nothing that somebody has to answer for, and says so every few seconds.
    Handling.Entry entry = caller.role() == Role.REGISTRAR ? Handling.Entry.LEFT_OUT : Handling.Entry.ENTERED;
    return current.handling().answer(envelope, caller, match, queryText, document, entry);
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

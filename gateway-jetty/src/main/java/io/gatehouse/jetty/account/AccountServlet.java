package io.gatehouse.jetty.account;

import io.gatehouse.Inbound;
import io.gatehouse.Subject;
import io.gatehouse.core.access.Scopes;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.api.ApiServlet;
import io.gatehouse.jetty.api.Envelope;
import io.gatehouse.jetty.api.Handling;
import io.gatehouse.jetty.api.KeyHolder;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Repeats;
import io.gatehouse.jetty.api.RequestBody;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.ServletEnvelope;
import io.gatehouse.jetty.api.Trail;
import io.gatehouse.jetty.filter.GatewayFilter;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.key.ApiKey;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Self-service: what whoever sends an API key may see and change of their own, as docs/api.md describes it. Serve it at
 * {@value #PATH} and below.
 *
 * <p>Callers are told as those of proxied requests are: by the same keys, address lists and limits, which each request
 * here is charged to. It is charged to no quota and goes to no backend. What belongs to other users is answered as what is
 * not there.
 *
 * <p>A key without scopes may read all of its user's, change itself, and have URLs signed in its name. One that has some needs the permission of the
 * operation, or a scope that covers its path; the scopes of plans are about the API behind and have no say here.
 *
 * <p>Any number of threads; blocks as the stores do.
 */
public final class AccountServlet extends ApiServlet {

  /** Where it is: {@value}. */
  public static final String PATH = Operation.ROOT + "account";

  private static final long serialVersionUID = 1L;

  private final transient Gatehouse gatehouse;
  private final transient Stores stores;
  private final transient Supplier<TrustedProxies> proxies;
  private final transient Repeats repeats;
  private final transient InstantSource clock = InstantSource.system();

  /** What answers by the snapshot that was in force last. */
  private volatile transient Answering answering;

  /** The answers by one snapshot of the settings. */
  private record Answering(
      Snapshot snapshot, TrustedProxies proxies, GatewayFilter door, Router router, Handling handling) {}

  /** @param proxies who is believed when they say for whom they ask; asked each time, for the one that is in force */
  public AccountServlet(Gatehouse gatehouse, Supplier<TrustedProxies> proxies) {
    super("Self-service");
    this.gatehouse = Objects.requireNonNull(gatehouse, "gatehouse");
    this.stores = gatehouse.stores();
    this.proxies = Objects.requireNonNull(proxies, "proxies");
    this.repeats = new Repeats(stores.answers(), stores.seal(), clock);
    this.answering = answering(gatehouse.snapshot(), proxies.get());
  }

  /** By the snapshot that is in force now. */
  private Answering answering() {
    Answering known = answering;
    Snapshot now = gatehouse.snapshot();
    TrustedProxies trusted = proxies.get();
    if (known.snapshot() != now || known.proxies() != trusted) {
      known = answering(now, trusted);
      answering = known;
    }
    return known;
  }

  private Answering answering(Snapshot snapshot, TrustedProxies trusted) {
    Router router = new Router(AccountOperations.ALL);
    new AccountResource(stores, snapshot, clock).addTo(router);
    new OwnKeysResource(stores, clock).addTo(router);
    new OwnUrlsResource(snapshot.pictureUrls(), clock).addTo(router);
    router.requireWhole();
    Trail trail = new Trail(router, stores.audit(), clock);
    return new Answering(
        snapshot,
        trusted,
        new GatewayFilter(snapshot.gateway().selfService(), trusted),
        router,
        new Handling(stores, repeats, trail));
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    answering().door().doFilter(
        request, response, (in, out) -> send((HttpServletRequest) in, (HttpServletResponse) out));
  }

  @Override
  protected void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Answering current = answering();
    Subject subject = (Subject) request.getAttribute(GatewayFilter.SUBJECT);
    // It was there a moment ago.
    ApiKey key = stores.keys().key(subject.key()).orElseThrow(AccountServlet::gone);
    Router.Match match = current.router().find(request.getMethod(), request.getRequestURI());
    requireAllowed(request, key.scopes(), match.operation());
    Envelope envelope = new ServletEnvelope(request, AccountServlet::address);
    current
        .handling()
        .answer(
            envelope,
            new KeyHolder(key),
            match,
            request.getQueryString(),
            () -> RequestBody.read(request),
            Handling.Entry.ENTERED)
        .send(request.getMethod(), envelope, response);
  }

  private static void requireAllowed(HttpServletRequest request, Set<String> scopes, Operation operation) {
    boolean narrowed = scopes.stream().anyMatch(ApiKey::isRoute);
    boolean permitted = scopes.contains(operation.permission().orElseThrow()) || scopes.contains(AccountOperations.KEYS);
    if (narrowed && !permitted && !Scopes.cover(scopes, request.getMethod(), request.getRequestURI())) {
      throw scopeMissing("The scopes of this key do not cover this request, and it lacks the permission "
          + operation.permission().get() + ".");
    }
  }

  /** For what the key may not. */
  static ProblemException scopeMissing(String detail) {
    return new ProblemException(Problem.of(403, "scope-missing", "Scope missing", detail))
        .with("WWW-Authenticate", "Bearer realm=\"gatehouse\", error=\"insufficient_scope\"");
  }

  /** For a key that was deleted while its request was under way. */
  static ProblemException gone() {
    return new ProblemException(Problem.of(401, "key-invalid", "Invalid API key", "The API key is not valid."));
  }

  /** That of the client, behind proxies that are trusted, as the gates have seen it. */
  private static String address(HttpServletRequest request) {
    return ((Inbound) request.getAttribute(GatewayFilter.INBOUND)).clientAddress().getHostAddress();
  }
}

package io.gatehouse.jetty.proxy;

import io.gatehouse.Dispatch;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.jetty.websocket.Tunnels;
import io.gatehouse.upstream.Balancer;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * Forwards every request to the backend that a balancer picks: path and query byte for byte, bodies as they
 * come in both directions, without holding a thread while it waits. Fields of one connection stay on it (RFC
 * 9110, 7.6.1); content codings, redirects and cookies pass untouched; credentials of the gateway and fields
 * that only it may set do not pass. Where there are routes, each has a {@link Lane} with a balancer of its own,
 * on which only what its {@link Rewriting} says changes.
 *
 * <p>Where no backend can answer it does: 502, 503, 504, and 400, 404, 405, 408, 413, 501, 508 for what may not
 * be forwarded, as problem details. An answer that breaks off breaks the client's connection, too.
 *
 * <p>Works in any servlet 6.0 container, alone or behind filters that leave request attributes:
 * {@link #LANES}, {@link #INBOUND}, {@link #SUBJECT}, {@link #REQUEST_ID}, {@link #TRACEPARENT},
 * {@link #FORWARDED_SCHEME}, {@link #FORWARDED_HOST}, {@link #WHEN_OVER}, {@link #DEPARTURE},
 * {@link #INTERIM}, {@link #RESET}, {@link #ROUTE}, {@link #DISPATCH}, {@link #ENTITLEMENT},
 * {@link #TAKEOVER}, {@link #SEAT}. It leaves {@link #UPSTREAM}, {@link #PIXELS}, {@link #ENDING}, {@link #CACHE} and
 * {@link #TUNNEL} for those who look on. Register it with asynchronous support, like the filters before it.
 *
 * <p>WebSockets over HTTP/1.1 are relayed: a handshake is a request like others, and when a backend accepts
 * it, what follows passes through a {@link io.gatehouse.jetty.websocket.Tunnel}.
 *
 * <p>It stands on Jetty's client and not on Jetty's {@code ProxyServlet}, whose hooks lie outside of what
 * matters here: its targets pass through a URI that normalises, one request is one attempt, and values are
 * taken apart and put together without their quotes.
 */
public final class UpstreamServlet extends HttpServlet {

  /** Holds the {@link Lanes} of which the request takes one, to its end; without it, those of the servlet. */
  public static final String LANES = "io.gatehouse.lanes";

  /** Holds the {@link Inbound} that the gates saw; without it the servlet looks at the request itself. */
  public static final String INBOUND = "io.gatehouse.Inbound";

  /** Holds the {@link io.gatehouse.Subject}; its user is told to the backend as {@code X-Gatehouse-User}. */
  public static final String SUBJECT = "io.gatehouse.Subject";

  /** Holds the request id, a String, sent instead of the client's. */
  public static final String REQUEST_ID = "io.gatehouse.requestId";

  /** Holds the trace context, a String, sent instead of the client's. */
  public static final String TRACEPARENT = "io.gatehouse.traceparent";

  /** Holds the scheme that a trusted proxy before us says the client used, a String. */
  public static final String FORWARDED_SCHEME = "io.gatehouse.forwarded.scheme";

  /** Holds the host that a trusted proxy before us says the client asked for, a String. */
  public static final String FORWARDED_HOST = "io.gatehouse.forwarded.host";

  /**
   * Holds the name of the route that the request takes, a String, where there are routes; without it the servlet looks for
   * the route itself, and leaves its name here, empty if there is none.
   */
  public static final String ROUTE = "io.gatehouse.route";

  /**
   * Holds the {@link Dispatch} where a gate has said how the request goes on: its target takes the place of
   * the client's, and only what a lane adds stands before it.
   */
  public static final String DISPATCH = "io.gatehouse.Dispatch";

  /** Holds the {@link io.gatehouse.Entitlement} of a caller who belongs to a tenant or is on a plan with options. */
  public static final String ENTITLEMENT = "io.gatehouse.Entitlement";

  /**
   * Receives what the cache of the route has done, a String: {@code hit}, {@code stale-hit}, {@code collapsed}, or why a backend
   * was asked; stays empty where no answers are kept.
   */
  public static final String CACHE = "io.gatehouse.cache";

  /** Receives the {@link io.gatehouse.upstream.Upstream} asked last; stays empty when none was. */
  public static final String UPSTREAM = "io.gatehouse.upstream.Upstream";

  /** Receives the {@link io.gatehouse.Outcome.Ending} when it is not that a backend answered. */
  public static final String ENDING = "io.gatehouse.Outcome.Ending";

  /** Receives how many pixels the image has that the backend made, a Long; 0 when it does not tell. */
  public static final String PIXELS = "io.gatehouse.Outcome.pixels";

  /**
   * Holds a {@link Runnable} that is run once when a request that was forwarded is over, however it ended,
   * just before the container is told. Containers that break a connection off do not always tell an
   * {@code AsyncListener}: Jetty does not.
   */
  public static final String WHEN_OVER = "io.gatehouse.whenOver";

  /**
   * Holds a {@code Function<Runnable, Runnable>} where the server can tell that a client leaves while it
   * waits: takes what to do then, gives back how to stop watching.
   */
  public static final String DEPARTURE = "io.gatehouse.departure";

  /**
   * Holds a {@code BiFunction<Integer, HttpFields, CompletableFuture<Void>>} where the server can send interim
   * answers: takes status and fields, and its future ends when more may be written.
   */
  public static final String INTERIM = "io.gatehouse.interim";

  /**
   * Holds a {@link Runnable} where only the end of the connection tells the client where an answer ends: after it
   * the connection that is cut is reset, and the answer is seen to be a part.
   */
  public static final String RESET = "io.gatehouse.reset";

  /**
   * Holds a {@link Takeover} where the server can let go of a connection, which WebSockets need; without it a
   * handshake is answered with 501.
   */
  public static final String TAKEOVER = "io.gatehouse.takeover";

  /**
   * Holds the {@link io.gatehouse.jetty.seat.Seat} beside the client's connection, where the server has one: connections to
   * backends take it.
   */
  public static final String SEAT = "io.gatehouse.seat";

  /**
   * Receives a {@code Consumer<Consumer<Outcome>>} when a handshake was accepted, before
   * {@link #WHEN_OVER} is run and the container is told: the request is answered then and the tunnel goes
   * on. Who wants to know of its end gives a {@code Consumer} to it, and must not look at request and
   * response any more, which the container uses again.
   */
  public static final String TUNNEL = "io.gatehouse.tunnel";

  /** Holds why the connection is to be broken, in containers where that takes a dispatch. */
  static final String BROKEN = "io.gatehouse.jetty.proxy.Broken";

  /** The largest head of a request or an answer: {@value} bytes. */
  static final int MOST_HEAD_BYTES = 128 * 1024;

  /**
   * So often a request may have passed gateways like this one. Several in a row are sound; more mean that one of
   * them is its own backend, and each turn holds a connection.
   */
  private static final int MOST_PASSAGES = 8;

  private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

  private static final long serialVersionUID = 1;

  private final transient Lanes lanes;
  private final transient Tunnels tunnels;
  private final transient Hedges hedges = new Hedges();
  private final transient Imgproxy imgproxy = new Imgproxy(System::nanoTime);
  private final transient Clients clients;
  private final transient Fills fills = new Fills();

  /**
   * Forwards; tunnels of WebSockets may be idle for {@link Tunnels#IDLE_TIMEOUT}, and end with the servlet.
   */
  public UpstreamServlet(Balancer balancer, RetryBudget budget, ProxySettings settings) {
    this(balancer, budget, settings, new Tunnels(Tunnels.IDLE_TIMEOUT));
  }

  /** Forwards; the owner of the tunnels can count and drain them. */
  public UpstreamServlet(Balancer balancer, RetryBudget budget, ProxySettings settings, Tunnels tunnels) {
    this(Lanes.of(new Lane(balancer, budget, settings, Rewriting.NONE)), tunnels);
  }

  /** Forwards on several lanes; the owner of the tunnels can count and drain them. */
  public UpstreamServlet(Lanes lanes, Tunnels tunnels) {
    this(lanes, tunnels, InvocationType.BLOCKING);
  }

  /**
   * Forwards on several lanes; the owner of the tunnels can count and drain them.
   *
   * @param ends whether what is done when an answer is complete may wait for something; if not, fewer threads are woken
   */
  public UpstreamServlet(Lanes lanes, Tunnels tunnels, InvocationType ends) {
    this.clients = new Clients(ends);
    this.lanes = Objects.requireNonNull(lanes, "lanes");
    this.tunnels = Objects.requireNonNull(tunnels, "tunnels");
  }

  @Override
  public void init() throws ServletException {
    try {
      clients.start();
      lanes.ready(new Ways(lanes, clients, tunnels, hedges, imgproxy, fills));
    } catch (IllegalStateException e) {
      clients.stop();
      throw new ServletException(e.getMessage(), e);
    }
  }

  /**
   * Makes lanes ready to be taken, before the first request has them in {@link #LANES}. After the servlet was initialised.
   *
   * @throws IllegalStateException when a client for them does not start
   */
  public void prepare(Lanes others) {
    ways(others);
  }

  /**
   * Lets go of what only other lanes need, as soon as the last request is over that took them, or the last WebSocket. To be
   * called when requests have been given these lanes for as long as others might take to arrive here; one that comes
   * even later with other lanes is forwarded all the same.
   */
  public void keepOnly(Lanes these) {
    clients.wantOnly(these.settings());
  }

  private Ways ways(Lanes given) {
    Ways known = given.ways();
    if (known != null) {
      return known;
    }
    synchronized (clients) {
      Ways made = given.ways();
      if (made == null) {
        made = new Ways(given, clients, tunnels, hedges, imgproxy, fills);
        given.ready(made);
      }
      return made;
    }
  }

  /** How often a second backend was asked because the first was slow. Ever growing; any thread may ask. */
  public long hedges() {
    return hedges.begunEver();
  }

  /** How often that one began to answer first. Ever growing; any thread may ask. */
  public long hedgesWon() {
    return hedges.wonEver();
  }

  /** How often an imgproxy did not know the gateway's signature or secret. Ever growing; any thread may ask. */
  public long imgproxyRefusals() {
    return imgproxy.refusals();
  }

  /** How many answers are being received to be kept. */
  int fills() {
    return fills.underWay();
  }

  @Override
  public void destroy() {
    tunnels.cut();
    clients.stop();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    if (request.getAttribute(BROKEN) instanceof Throwable cause) {
      throw new IOException("The answer broke off", cause);
    }
    Inbound inbound =
        request.getAttribute(INBOUND) instanceof Inbound given ? given : new ServletInbound(request);
    Problem problem = objection(inbound, request);
    if (problem != null) {
      if (problem.status() == HttpServletResponse.SC_METHOD_NOT_ALLOWED) {
        response.setHeader("Allow", METHODS);
      }
      if (request.getProtocol().startsWith("HTTP/1")
          && (inbound.method().equals("CONNECT") || request.getHeader("Transfer-Encoding") != null)) {
        // What follows may be a tunnel's, or be framed in a way that we do not know.
        response.setHeader("Connection", "close");
      }
      problem.send(response);
      return;
    }
    if (inbound.method().equals("OPTIONS") && isLast(request)) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    Ways ways = ways(request.getAttribute(LANES) instanceof Lanes given ? given : lanes);
    Forwarding forwarding = ways.of(request, inbound);
    if (forwarding == null) {
      // Nothing was asked of a backend, so nothing is charged for it.
      request.setAttribute(ENDING, Outcome.Ending.UNANSWERED);
      ProxyProblems.NO_ROUTE.send(response);
      return;
    }
    long most = forwarding.settings().mostRequestBytes();
    if (most > 0 && request.getContentLengthLong() > most) {
      ProxyProblems.tooLarge(most).send(response);
      return;
    }
    Upgrade upgrade = Upgrade.of(request, inbound);
    if (upgrade.refused(tunnels, response)) {
      return;
    }
    Dispatch dispatch = dispatch(request);
    String target = dispatch != null
        ? forwarding.rewriting().addPrefix() + dispatch.target()
        : forwarding.rewriting().target(
            Targets.without(forwarding.settings().strippedParameters(), inbound.target()));
    CacheLane cache = forwarding.cache();
    if (cache != null && inbound.contentLength() == 0 && cache.covers(inbound.method(), upgrade)) {
      cache.take(forwarding, request, response, inbound, target, null);
      return;
    }
    ClientExchange.begin(forwarding.begun(), request, response, inbound, target, upgrade);
  }

  /** What a gate has said of how a request goes on; null when none has. */
  static @Nullable Dispatch dispatch(HttpServletRequest request) {
    return request.getAttribute(DISPATCH) instanceof Dispatch stated ? stated : null;
  }

  private static @Nullable Problem objection(Inbound inbound, HttpServletRequest request) {
    String method = inbound.method();
    if (method.equals("CONNECT")) {
      return Problem.of(405, "method-not-allowed", "Method not allowed", "This is not a tunnel.");
    }
    if (method.equals("TRACE") && isLast(request)) {
      return Problem.of(405, "method-not-allowed", "Method not allowed", "The gateway echoes nothing.");
    }
    if (!Fields.token(method) || !Targets.acceptable(method, inbound.target())) {
      return Problem.of(400, "bad-request", "Bad request",
          "The target must be an absolute path of visible ASCII without dot segments, the method a token.");
    }
    String coding = request.getHeader("Transfer-Encoding");
    if (coding != null && request.getProtocol().equals("HTTP/1.0")) {
      // Older recipients do not see it and end the request elsewhere (RFC 9112, 6.1).
      return Problem.of(400, "bad-request", "Bad request", "HTTP/1.0 has no transfer codings.");
    }
    if (coding != null && !coding.equalsIgnoreCase("chunked")) {
      return Problem.of(501, "not-implemented", "Not implemented", "The only transfer coding here is chunked.");
    }
    if (Fields.passages(request) > MOST_PASSAGES) {
      return Problem.of(508, "loop-detected", "Loop detected", "The request comes by here again and again.");
    }
    return null;
  }

  /** Whether the request may go no further (RFC 9110, 7.6.2). */
  private static boolean isLast(HttpServletRequest request) {
    String forwards = request.getHeader("Max-Forwards");
    return forwards != null && !forwards.isEmpty() && forwards.chars().allMatch(c -> c == '0');
  }
}

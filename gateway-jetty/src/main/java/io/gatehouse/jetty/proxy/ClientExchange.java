package io.gatehouse.jetty.proxy;

import io.gatehouse.Dispatch;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.core.cache.CacheStatus;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.jetty.websocket.Tunnel;
import io.gatehouse.upstream.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a client, forwarded as it is: body and answer pass as they come.
 *
 * <p>It has to know of all the ways in which a request can end: the answer is complete, an answer of our own, the answer
 * broke, the client left.
 */
final class ClientExchange extends Exchange implements ClientBody.Owner {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  /**
   * How long a client that waits to be asked for its body is left waiting by a backend that does not know of
   * it.
   */
  private static final long CONTINUE_MILLIS = 1000;

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Inbound inbound;
  private final Upgrade upgrade;
  private final ClientSide client;
  private final ClientBody.Gate gate;
  /** Used by one attempt at a time. */
  private final InterimRelay interims;
  /** What the cache of the route tells of its part; null without one. */
  private final @Nullable CacheStatus cacheStatus;
  /** What a gate has said of how it goes on; null when none has. */
  private final @Nullable Dispatch dispatch;

  private volatile @Nullable ClientBody body;

  private ClientExchange(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, HttpFields fields, Upgrade upgrade, @Nullable ClientSide known,
      @Nullable CacheStatus cacheStatus) {
    super(forwarding, inbound, target, fields, turnOf(forwarding, request, inbound),
        request.getAttribute(UpstreamServlet.SEAT), !upgrade.wanted());
    this.request = request;
    this.response = response;
    this.inbound = inbound;
    this.upgrade = upgrade;
    this.cacheStatus = cacheStatus;
    dispatch = UpstreamServlet.dispatch(request);
    gate = new ClientBody.Gate(!Fields.expectsContinue(request));
    interims = new InterimRelay(request);
    client = known == null ? new ClientSide(request, response, this::clientLeft) : known;
    client.whenLeft(this::clientLeft);
  }

  /**
   * Begins to forward; returns at once.
   *
   * @param forwarding with a client whose use has begun, and ends with the exchange
   */
  static void begin(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, Upgrade upgrade) {
    HttpFields sent = Fields.toBackend(request, inbound, forwarding);
    VariantTags tags = VariantTags.of(forwarding.rewriting(), target, sent);
    HttpFields fields = upgrade.addTo(tags == null ? sent : tags.in(inbound.method(), sent));
    ClientExchange exchange =
        new ClientExchange(forwarding, request, response, inbound, target, fields, upgrade, null, null);
    exchange.enter();
    exchange.begin();
  }

  /**
   * The same for a client that is known already, whose request the cache of the route can do nothing for.
   *
   * @param fields as the backend gets them
   */
  static void begin(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, HttpFields fields, ClientSide client, CacheStatus cacheStatus) {
    Upgrade none = new Upgrade(false, request, inbound);
    ClientExchange exchange =
        new ClientExchange(forwarding, request, response, inbound, target, fields, none, client, cacheStatus);
    exchange.enter();
    exchange.begin();
  }

  private void begin() {
    long length = request.getContentLengthLong();
    boolean http1 = request.getProtocol().startsWith("HTTP/1");
    if (length == 0 || length < 0 && http1 && request.getHeader("Transfer-Encoding") == null) {
      whole();
      first();
      return;
    }
    ProxySettings settings = forwarding().settings();
    ClientBody opened = new ClientBody(request, settings.mostRequestBytes(),
        new BodyPace(settings.leastBodyRate(), System::nanoTime), forwarding().http().getByteBufferPool(),
        settings.bufferBytes(), this);
    body = opened;
    if (!gate.open()) {
      forwarding().http().getScheduler().schedule(this::letBodyGo, CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
      first();
      return;
    }
    if (length > 0 || http1) {
      opened.open();
      first();
      return;
    }
    // HTTP/2 says only by ending it whether there is a body.
    opened.demand(() -> {
      if (!opened.finished()) {
        first();
        return;
      }
      body = null;
      CacheLane cache = forwarding().cache();
      if (cache != null && cacheStatus == null && cache.covers(method(), upgrade)) {
        handOver(cache);
      } else {
        first();
      }
    });
    opened.open();
  }

  /** Now that it is known that there is no body, the answer may be one that is kept. */
  private void handOver(CacheLane cache) {
    if (finish()) {
      leave();
      cache.take(forwarding(), request, response, inbound, target(), client);
    }
  }

  @Override
  void asks(Upstream backend) {
    request.setAttribute(UpstreamServlet.UPSTREAM, backend);
  }

  @Override
  Request.@Nullable Content content() {
    ClientBody sent = body;
    return sent == null ? null : sent.new View(gate);
  }

  @Override
  boolean repeatable() {
    ClientBody sent = body;
    return sent == null || sent.bytes() == 0;
  }

  @Override
  boolean mayRace() {
    return super.mayRace() && body == null;
  }

  @Override
  Upgrade upgrade() {
    return upgrade;
  }

  @Override
  Pump pump(Attempt attempt, Content.Source source) throws IOException {
    return new AnswerPump(this, attempt, source, response.getOutputStream());
  }

  @Override
  boolean sendsTrailers() {
    return Fields.sendsTrailers(request);
  }

  @Override
  @Nullable HttpFields trailers() {
    HttpFields trailers =
        Fields.trailers(request.getTrailerFields(), forwarding().settings(), forwarding().rewriting().request());
    return trailers.size() == 0 ? null : trailers;
  }

  /** Passes an interim answer on, if the server lets us and the final one has not begun. */
  @Override
  void interim(Attempt from, int status, HttpFields received) {
    during(from, () -> {
      if (!over()) {
        interims.pass(status, Fields.interim(received, forwarding().rewriting().response()));
      }
    });
  }

  @Override
  void afterInterims(Runnable task) {
    interims.afterwards(task);
  }

  @Override
  void letBodyGo() {
    ClientBody asked = body;
    if (asked != null && !over()) {
      asked.open();
      gate.unlock();
    }
  }

  /** The client has sent all of its request; from now on it can only wait or leave. */
  @Override
  public void whole() {
    client.watch();
    if (over()) {
      client.stopWatching();
    }
  }

  @Override
  boolean waitsForBody() {
    ClientBody late = body;
    return late != null && late.waitsForClient();
  }

  @Override
  boolean answers(Response answer) {
    if (over()) {
      return false;
    }
    Fields.backendToClient(answer, response, forwarding(), Freshness.of(dispatch, Instant.now(), 0));
    Wanted.vary(dispatch, response);
    VariantTags tags = VariantTags.of(forwarding().rewriting(), target(), fields());
    if (tags != null) {
      tags.out(response);
    }
    CacheLane cache = forwarding().cache();
    if (cache != null) {
      cache.passed(method(), target(), fields(), answer.getStatus());
      if (cacheStatus != null) {
        response.addHeader(CacheLane.STATUS, cacheStatus.text(Fields.PSEUDONYM));
      }
    }
    if (Fields.chunked(answer) && !method().equals("HEAD") && !request.getProtocol().equals("HTTP/1.0")) {
      response.setTrailerFields(() -> Fields.trailers(answer, forwarding().rewriting().response()));
    }
    request.setAttribute(
        UpstreamServlet.PIXELS, Fields.pixels(answer, dispatch == null ? 0 : dispatch.pixels()));
    return true;
  }

  @Override
  boolean switches(Response answer, EndPoint backend, Runnable whenOver) {
    if (!(request.getAttribute(UpstreamServlet.TAKEOVER) instanceof Takeover takeover)
        || !finish()) {
      return false;
    }
    Client carrier = forwarding().client();
    carrier.began(); // besides this exchange, which is over before the tunnel
    Tunnel tunnel = forwarding().tunnels().open(backend, carrier.http());
    tunnel.whenOver(outcome -> carrier.ended());
    tunnel.whenOver(outcome -> whenOver.run());
    Fields.backendToClient(answer, response, forwarding(), null);
    Upgrade.switching(response);
    Consumer<Consumer<Outcome>> lookers = tunnel::whenOver;
    request.setAttribute(UpstreamServlet.TUNNEL, lookers);
    takeover.takeOver(tunnel::clientHalf, tunnel::abandon);
    afterInterims(this::end);
    return true;
  }

  /** Whether some of the answer is on its way to the client. */
  boolean hasBegun() {
    return response.isCommitted();
  }

  /** Whether the answer has no body because of what was asked, and does not say how long it would be. */
  boolean lengthIsUnknown() {
    boolean bodiless = method().equals("HEAD") || response.getStatus() == HttpServletResponse.SC_NOT_MODIFIED;
    return bodiless && response.getHeader("Content-Length") == null;
  }

  @Override
  public void tooLarge() {
    say(ProxyProblems.tooLarge(forwarding().settings().mostRequestBytes()));
  }

  @Override
  public void malformed() {
    if (!response.isCommitted() && request.getProtocol().startsWith("HTTP/1")) {
      response.setHeader("Connection", "close");
    }
    say(ProxyProblems.BODY_MALFORMED);
  }

  @Override
  public void bodyLate() {
    say(ProxyProblems.BODY_LATE);
  }

  /** The client is not done, but whether it leaves concerns no backend any more. */
  @Override
  void received() {
    super.received();
    client.stopWatching();
  }

  /** The answer is complete. */
  void answered() {
    if (finish()) {
      end();
    }
  }

  /** The answer broke off. The client must see that it did: no last chunk, no full length. */
  @Override
  void broke(Throwable cause) {
    log.debug("Answer of {} broke off: {}", request.getAttribute(UpstreamServlet.UPSTREAM), cause.toString());
    if (!response.isCommitted()) {
      response.reset();
      unanswered(cause);
    } else if (finish()) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
      breakConnection(cause);
    }
  }

  @Override
  public void clientLeft(Throwable cause) {
    if (!finish()) {
      return;
    }
    request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
    cancelAttempts(cause);
    breakConnection(cause);
  }

  @Override
  void say(Problem problem) {
    if (!finish()) {
      return;
    }
    cancelAttempts(new IOException("answered with " + problem.status()));
    if (response.isCommitted()) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
      breakConnection(new IOException("answer begun"));
      return;
    }
    if (problem.status() >= 500) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.UNANSWERED);
    }
    if (problem.status() == 503) {
      long seconds = forwarding().balancer().retryAfter().plusMillis(999).toSeconds();
      response.setHeader("Retry-After", Long.toString(seconds));
    }
    afterInterims(() -> {
      try {
        problem.send(response);
      } catch (IOException e) {
        request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
      }
      end();
    });
  }

  private void breakConnection(Throwable cause) {
    settle();
    client.cut(cause);
  }

  private void end() {
    settle();
    client.complete();
  }

  private void settle() {
    client.stopWatching();
    leave();
    client.tellOver();
  }
}

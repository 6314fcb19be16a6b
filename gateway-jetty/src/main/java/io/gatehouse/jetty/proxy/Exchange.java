package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.jetty.websocket.Tunnel;
import io.gatehouse.upstream.Balancer.Pick;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a client from the first attempt to the end of the answer.
 *
 * <p>What may be repeated: a request of which the backend saw nothing, whatever its method; one that is
 * idempotent (RFC 9110, 9.2.2), when not a byte of an answer came, or the answer was that the backend has no
 * room (429) or is at fault, as its pick reads it. Never one of whose body anything was read, because bodies are not
 * kept. The first repetition is free, or else the death of one backend of two would fail all the requests that it held
 * but a fifth; further ones need leave from the budget, and so does every one for a faulty answer: the request itself
 * may be what it is about.
 *
 * <p>The file is long because all the ways in which a request can end meet here, and each has to know of the others.
 *
 * <p>It is over once, by the first of: the answer is complete, an answer of our own, the answer broke, the
 * client left.
 */
final class Exchange implements AsyncListener, ClientBody.Owner {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

  /**
   * How long a client that waits to be asked for its body is left waiting by a backend that does not know of
   * it.
   */
  private static final long CONTINUE_MILLIS = 1000;

  private final Forwarding forwarding;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Inbound inbound;
  private final String target;
  private final Upgrade upgrade;
  private final HttpFields fields;
  private final AsyncContext async;
  private final AtomicBoolean over = new AtomicBoolean();
  private final ClientBody.Gate gate;

  private volatile @Nullable ClientBody body;
  private volatile @Nullable Attempt attempt;
  private volatile Runnable stopWatching = () -> {};

  // Written by one attempt after the other, never by two at once.
  private final Set<URI> tried = new HashSet<>();
  private int attempts;
  private boolean staleForgiven;

  private Exchange(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, Upgrade upgrade) {
    this.forwarding = forwarding;
    this.request = request;
    this.response = response;
    this.inbound = inbound;
    this.target = target;
    this.upgrade = upgrade;
    fields = upgrade.addTo(Fields.clientToBackend(request, inbound, forwarding.settings()));
    gate = new ClientBody.Gate(!Fields.expectsContinue(request));
    async = request.startAsync(request, response);
    async.setTimeout(0);
    async.addListener(this);
  }

  /** Begins to forward; returns at once. */
  static void begin(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, Upgrade upgrade) {
    Exchange exchange = new Exchange(forwarding, request, response, inbound, target, upgrade);
    forwarding.budget().began();
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
    ProxySettings settings = forwarding.settings();
    ClientBody opened = new ClientBody(request, settings.mostRequestBytes(),
        new BodyPace(settings.leastBodyRate(), System::nanoTime), forwarding.client().getByteBufferPool(), settings.bufferBytes(), this);
    body = opened;
    if (!gate.open()) {
      forwarding.client().getScheduler().schedule(this::letBodyGo, CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
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
      if (opened.finished()) {
        body = null;
      }
      first();
    });
    opened.open();
  }

  private void first() {
    Optional<Pick> pick = forwarding.balancer().pick(inbound, Set.of());
    if (pick.isEmpty()) {
      say(unavailable("No backend can take the request now."));
    } else {
      start(pick.get(), () -> {}, false);
    }
  }

  private void start(Pick pick, Runnable whenSettled, boolean fresh) {
    Attempt next = new Attempt(this, pick, whenSettled);
    attempts++;
    request.setAttribute(UpstreamServlet.UPSTREAM, pick.upstream());
    attempt = next;
    if (over.get()) {
      next.cancel(new IOException("over before it began"));
      return;
    }
    ClientBody sent = body;
    next.send(sent == null ? null : sent.new View(gate), fresh);
  }

  Forwarding forwarding() {
    return forwarding;
  }

  String method() {
    return inbound.method();
  }

  String target() {
    return target;
  }

  Upgrade upgrade() {
    return upgrade;
  }

  HttpFields fields() {
    return fields;
  }

  boolean over() {
    return over.get();
  }

  ServletOutputStream output() throws IOException {
    return response.getOutputStream();
  }

  /** The backend asked for the body, or has had time enough to. */
  void letBodyGo() {
    ClientBody asked = body;
    if (asked != null && !over.get()) {
      asked.open();
      gate.unlock();
    }
  }

  /** The client has sent all of its request; from now on it can only wait or leave. */
  @Override
  public void whole() {
    if (request.getAttribute(UpstreamServlet.DEPARTURE) instanceof Function<?, ?> departure) {
      watch(departure);
    }
  }

  @SuppressWarnings("unchecked")
  private void watch(Function<?, ?> departure) {
    stopWatching = ((Function<Runnable, Runnable>) departure)
        .apply(() -> clientLeft(new EOFException("client left")));
    if (over.get()) {
      stopWatching.run();
    }
  }

  /** Whether the client owes more of its body. */
  boolean waitsForBody() {
    ClientBody late = body;
    return late != null && late.waitsForClient();
  }

  /** Takes over status and fields of an answer. False when it is too late for that. */
  boolean answers(Response answer) {
    if (over.get()) {
      return false;
    }
    Fields.backendToClient(answer, response, forwarding.settings());
    request.setAttribute(UpstreamServlet.PIXELS, Fields.pixels(answer));
    return true;
  }

  /**
   * The backend has accepted a handshake: the request is answered, and what follows passes through a tunnel.
   *
   * @param whenOver is run when the tunnel is over
   * @return false when it is too late for that
   */
  boolean switches(Response answer, EndPoint backend, Runnable whenOver) {
    if (!(request.getAttribute(UpstreamServlet.TAKEOVER) instanceof Takeover takeover)
        || !over.compareAndSet(false, true)) {
      return false;
    }
    Tunnel tunnel = forwarding.tunnels().open(backend, forwarding.client());
    tunnel.whenOver(outcome -> whenOver.run());
    Fields.backendToClient(answer, response, forwarding.settings());
    Upgrade.switching(response);
    Consumer<Consumer<Outcome>> lookers = tunnel::whenOver;
    request.setAttribute(UpstreamServlet.TUNNEL, lookers);
    takeover.takeOver(tunnel::clientHalf, tunnel::abandon);
    end();
    return true;
  }

  /** An attempt failed before there was an answer. */
  void failed(Attempt failed, Throwable cause) {
    log.debug("{} at {} failed", method(), failed.backend(), cause);
    boolean safe = failed.unseen() || IDEMPOTENT.contains(method()) && failed.unheard();
    if (!safe || !again(failed, true)) {
      unanswered(cause);
    }
  }

  /**
   * A backend has no room, is at fault, or is hung: gives the request to another if one can be had.
   *
   * @param free whether the first repetition needs no leave from the budget
   */
  boolean tryElsewhere(Attempt last, boolean free) {
    return IDEMPOTENT.contains(method()) && again(last, free);
  }

  /** Starts another attempt in the place of one; false if that may not be or there is nobody. */
  private boolean again(Attempt last, boolean firstIsFree) {
    ClientBody sent = body;
    if (over.get() || attempts >= forwarding.settings().mostAttempts() || sent != null && sent.bytes() > 0) {
      return false;
    }
    boolean free = firstIsFree && attempts == 1;
    if (!free && !forwarding.budget().tryTake()) {
      return false;
    }
    Runnable giveBack = free ? () -> {} : forwarding.budget()::giveBack;
    tried.add(last.backend());
    Optional<Pick> next = forwarding.balancer().pick(inbound, tried);
    boolean fresh = next.isEmpty() && last.stale() && !staleForgiven;
    if (fresh) {
      staleForgiven = true;
      tried.remove(last.backend());
      next = forwarding.balancer().pick(inbound, tried);
    }
    if (next.isEmpty()) {
      giveBack.run();
      tried.remove(last.backend());
      return false;
    }
    last.discard();
    start(next.get(), giveBack, fresh);
    return true;
  }

  /** No backend answered. */
  void unanswered(Throwable cause) {
    if (cause instanceof RejectedExecutionException) {
      say(unavailable("Every backend is busy."));
    } else if (Attempt.late(cause)) {
      say(Problem.of(504, "gateway-timeout", "Gateway timeout", "The backend did not answer in time."));
    } else {
      say(Problem.of(502, "bad-gateway", "Bad gateway",
          "The backend could not be reached or gave no valid answer."));
    }
  }

  private static Problem unavailable(String detail) {
    return Problem.of(503, "no-healthy-backend", "No healthy backend", detail);
  }

  @Override
  public void tooLarge() {
    say(tooLarge(forwarding.settings().mostRequestBytes()));
  }

  static Problem tooLarge(long most) {
    return Problem.of(413, "content-too-large", "Content too large", "The body may have " + most + " bytes.");
  }

  /** The client stopped in the middle of its body, or drips it. */
  @Override
  public void bodyLate() {
    say(Problem.of(408, "request-timeout", "Request timeout", "The body did not come in time."));
  }

  /** The backend is done; the client is not, but whether it leaves concerns no backend any more. */
  void received() {
    stopWatching.run();
  }

  /** The answer is complete. */
  void answered() {
    if (over.compareAndSet(false, true)) {
      end();
    }
  }

  /** The answer broke off. The client must see that it did: no last chunk, no full length. */
  void broke(Throwable cause) {
    log.debug("Answer of {} broke off: {}", request.getAttribute(UpstreamServlet.UPSTREAM), cause.toString());
    if (!response.isCommitted()) {
      response.reset();
      unanswered(cause);
    } else if (over.compareAndSet(false, true)) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
      breakConnection(cause);
    }
  }

  @Override
  public void clientLeft(Throwable cause) {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
    cancelAttempt(cause);
    breakConnection(cause);
  }

  /** Answers in the place of a backend. */
  private void say(Problem problem) {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    cancelAttempt(new IOException("answered with " + problem.status()));
    if (response.isCommitted()) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
      breakConnection(new IOException("answer begun"));
      return;
    }
    if (problem.status() >= 500) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.UNANSWERED);
    }
    if (problem.status() == 503) {
      long seconds = forwarding.balancer().retryAfter().plusMillis(999).toSeconds();
      response.setHeader("Retry-After", Long.toString(seconds));
    }
    try {
      problem.send(response);
    } catch (IOException e) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
    }
    end();
  }

  private void cancelAttempt(Throwable why) {
    Attempt running = attempt;
    if (running != null) {
      running.cancel(why);
    }
  }

  /**
   * Ends the client's connection in the middle of the answer. The servlet API has no word for that. Jetty
   * takes the status -1 as one; elsewhere an answer that has begun refuses any status, and an exception out
   * of a dispatch makes the container cut the connection.
   */
  private void breakConnection(Throwable cause) {
    settle();
    try {
      response.sendError(-1);
    } catch (IOException | IllegalStateException refused) {
      request.setAttribute(UpstreamServlet.BROKEN, cause);
      tell(async::dispatch);
      return;
    }
    tell(async::complete);
  }

  private void end() {
    settle();
    tell(async::complete);
  }

  private static void tell(Runnable container) {
    try {
      container.run();
    } catch (IllegalStateException ended) {
      log.debug("The container ended the exchange by itself", ended);
    }
  }

  private void settle() {
    stopWatching.run();
    forwarding.budget().ended();
    if (request.getAttribute(UpstreamServlet.WHEN_OVER) instanceof Runnable told) {
      try {
        told.run();
      } catch (RuntimeException e) {
        // Whoever looks on must not keep the answer from its end.
        log.warn("What was to be told of the end of a request failed", e);
      }
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {
    if (!over.get()) {
      clientLeft(new IOException("ended by the container"));
    }
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    clientLeft(new IOException("ended by the container"));
  }

  @Override
  public void onError(AsyncEvent event) {
    Throwable cause = event.getThrowable();
    clientLeft(cause == null ? new IOException("ended by the container") : cause);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // Nobody starts it again.
  }
}

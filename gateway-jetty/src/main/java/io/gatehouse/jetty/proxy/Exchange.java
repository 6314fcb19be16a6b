package io.gatehouse.jetty.proxy;

import io.gatehouse.Dispatch;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.Subject;
import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.jetty.proxy.Turns.Turn;
import io.gatehouse.jetty.websocket.Tunnel;
import io.gatehouse.upstream.Balancer.Pick;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a client from the first attempt to the end of the answer.
 *
 * <p>What may be repeated: a request of which the backend saw nothing, whatever its method; one that is
 * idempotent (RFC 9110, 9.2.2), when not a byte of an answer came, or the answer was that the backend has no
 * room (429) or is at fault, as its pick reads it. Never one of whose body anything was read, because bodies are not
 * kept. How often, {@link Turns} say.
 *
 * <p>The file is long because all the ways in which a request can end meet here, and each has to know of the others.
 *
 * <p>It is over once, by the first of: the answer is complete, an answer of our own, the answer broke, the
 * client left.
 */
final class Exchange implements ClientBody.Owner {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  /** What may be asked of two backends at once: it changes nothing, and costs no more than the work. */
  private static final Set<String> RACED = Set.of("GET", "HEAD");

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
  private final ClientSide client;
  private final AtomicBoolean over = new AtomicBoolean();
  private final ClientBody.Gate gate;
  /** Used by one attempt at a time. */
  private final InterimRelay interims;
  /** Used by one attempt after the other, never by two at once. */
  private final Turns turns;
  private final Race race = new Race();
  /** Whether a slow attempt may have another beside it: once at the most. */
  private volatile boolean mayRace;
  /** The one that was started beside a slow one. */
  private volatile @Nullable Attempt hedge;

  /** Where it waits for its turn, or has it; null before. */
  private volatile FairQueue.@Nullable Place place;
  /** Ends the wait for its turn. */
  private volatile Scheduler.@Nullable Task patience;
  /** What a gate has said of how it goes on; null when none has. */
  private final @Nullable Dispatch dispatch;
  private volatile @Nullable ClientBody body;
  private volatile Scheduler.@Nullable Task deadline;

  private Exchange(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, Upgrade upgrade) {
    this.forwarding = forwarding;
    this.request = request;
    this.response = response;
    this.inbound = inbound;
    this.target = target;
    this.upgrade = upgrade;
    dispatch = request.getAttribute(UpstreamServlet.DISPATCH) instanceof Dispatch stated ? stated : null;
    fields = upgrade.addTo(
        forwarding.rewriting().request().on(Fields.clientToBackend(request, inbound, forwarding.settings())));
    gate = new ClientBody.Gate(!Fields.expectsContinue(request));
    interims = new InterimRelay(request);
    turns = new Turns(forwarding, inbound);
    mayRace = !forwarding.settings().hedgeAfter().isZero() && RACED.contains(inbound.method())
        && !upgrade.wanted();
    client = new ClientSide(request, response, this::clientLeft);
  }

  /**
   * Begins to forward; returns at once.
   *
   * @param forwarding with a client whose use has begun, and ends with the exchange
   */
  static void begin(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, Upgrade upgrade) {
    Exchange exchange = new Exchange(forwarding, request, response, inbound, target, upgrade);
    forwarding.budget().began();
    exchange.limit();
    exchange.begin();
  }

  private void limit() {
    long millis = forwarding.settings().totalTimeout().toMillis();
    if (millis > 0) {
      deadline = forwarding.http().getScheduler().schedule(this::timeIsUp, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void timeIsUp() {
    TimeoutException cause = new TimeoutException("took longer than " + forwarding.settings().totalTimeout());
    List<Attempt> running = race.runners();
    boolean begun = false;
    for (int i = 0; i < running.size(); i++) {
      // Of two that race the first has had the time.
      begun |= running.get(i).expire(cause, i == 0);
    }
    if (begun) {
      // What has begun can only be cut, whether it is the backend that is slow or the client.
      clientLeft(cause);
    } else if (waitsForBody()) {
      bodyLate();
    } else {
      unanswered(cause);
    }
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
        new BodyPace(settings.leastBodyRate(), System::nanoTime), forwarding.http().getByteBufferPool(),
        settings.bufferBytes(), this);
    body = opened;
    if (!gate.open()) {
      forwarding.http().getScheduler().schedule(this::letBodyGo, CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
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

  /** Waits for its turn where requests have to, and holds no thread meanwhile. */
  private void first() {
    FairQueue queue = forwarding.queue();
    if (queue == null) {
      pick();
      return;
    }
    Optional<FairQueue.Place> entered = queue.enter(turnOf(), this::pick);
    if (entered.isEmpty()) {
      say(ProxyProblems.QUEUE_FULL);
      return;
    }
    place = entered.get();
    if (over.get()) {
      entered.get().leave();
    } else if (entered.get().waits()) {
      long most = Math.max(1, queue.rules().mostWait().toMillis());
      patience = forwarding.http().getScheduler().schedule(this::waitedTooLong, most, TimeUnit.MILLISECONDS);
    }
  }

  private String turnOf() {
    if (dispatch != null) {
      return dispatch.turnOf();
    }
    return request.getAttribute(UpstreamServlet.SUBJECT) instanceof Subject subject
        ? subject.user() : inbound.clientAddress().getHostAddress();
  }

  private void waitedTooLong() {
    FairQueue.Place entered = place;
    if (entered != null && entered.giveUp()) {
      say(ProxyProblems.QUEUE_SLOW);
    }
  }

  private void pick() {
    cancel(patience);
    if (!over.get()) {
      turns.first().ifPresentOrElse(this::start, () -> say(ProxyProblems.NO_BACKEND));
    }
  }

  private void start(Turn turn) {
    Pick pick = turn.pick();
    request.setAttribute(UpstreamServlet.UPSTREAM, pick.upstream());
    send(new Attempt(this, pick, turn.whenSettled()), turn);
  }

  private void send(Attempt next, Turn turn) {
    race.enter(next);
    if (over.get()) {
      next.cancel(new IOException("over before it began"));
      return;
    }
    ClientBody sent = body;
    next.send(sent == null ? null : sent.new View(gate), turn.fresh());
  }

  /** Whether a slow attempt may have another one race it. */
  boolean mayRace() {
    return mayRace && body == null;
  }

  /** Asks another backend besides, under the lock of the slow attempt, so that nothing else takes its place. */
  void race(Attempt slow) {
    mayRace = false;
    turns.beside(slow).ifPresent(turn -> {
      Attempt second = new Attempt(this, turn.pick(), turn.whenSettled());
      hedge = second;
      forwarding.hedges().began();
      send(second, turn);
    });
  }

  /** Whether the answer that begins is the client's; false when another one has begun before. */
  boolean wins(Attempt first) {
    if (!race.win(first)) {
      return false;
    }
    if (first == hedge) {
      forwarding.hedges().won();
      request.setAttribute(UpstreamServlet.UPSTREAM, first.upstream());
    }
    return true;
  }

  Forwarding forwarding() {
    return forwarding;
  }

  String method() {
    return inbound.method();
  }

  /** The method that backends are asked with. */
  String asked() {
    return imgproxy() && method().equals("HEAD") ? "GET" : method();
  }

  private boolean imgproxy() {
    return forwarding.settings().speaker() == ProxySettings.Speaker.IMGPROXY;
  }

  /**
   * What is answered in the place of a backend that speaks of itself, and not of what it was asked for; null
   * when its answer is the client's.
   */
  @Nullable Problem inPlaceOf(Attempt attempt, int status) {
    if (!imgproxy()) {
      return null;
    }
    if (status == HttpStatus.FORBIDDEN_403 || status == HttpStatus.UNAUTHORIZED_401) {
      log.error("{} refuses what was signed for it: its key, salt or secret is another one", attempt.backend());
    }
    return ProxyProblems.ofImgproxy(status);
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

  /** Whether fields may follow the body. */
  boolean sendsTrailers() {
    return Fields.sendsTrailers(request);
  }

  /** The fields that followed the body, once all of it was read; null when there are none. */
  @Nullable HttpFields trailers() {
    HttpFields trailers =
        Fields.trailers(request.getTrailerFields(), forwarding.settings(), forwarding.rewriting().request());
    return trailers.size() == 0 ? null : trailers;
  }

  /** Passes an interim answer on, if the server lets us and the final one has not begun. */
  void interim(Attempt from, int status, HttpFields received) {
    race.during(from, () -> {
      if (!over.get()) {
        interims.pass(status, Fields.interim(received, forwarding.rewriting().response()));
      }
    });
  }

  /** Runs a task when no interim answer is being written any more. */
  void afterInterims(Runnable task) {
    interims.afterwards(task);
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
    client.watch();
    if (over.get()) {
      client.stopWatching();
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
    Fields.backendToClient(answer, response, forwarding, freshness());
    if (Fields.chunked(answer) && !method().equals("HEAD") && !request.getProtocol().equals("HTTP/1.0")) {
      response.setTrailerFields(() -> Fields.trailers(answer, forwarding.rewriting().response()));
    }
    request.setAttribute(
        UpstreamServlet.PIXELS, Fields.pixels(answer, dispatch == null ? 0 : dispatch.pixels()));
    return true;
  }

  private @Nullable Freshness freshness() {
    return dispatch == null || dispatch.freshUntil().isEmpty()
        ? null : new Freshness(dispatch.freshUntil().get(), Instant.now());
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
    Client carrier = forwarding.client();
    carrier.began(); // besides this exchange, which is over before the tunnel
    Tunnel tunnel = forwarding.tunnels().open(backend, carrier.http());
    tunnel.whenOver(outcome -> carrier.ended());
    tunnel.whenOver(outcome -> whenOver.run());
    Fields.backendToClient(answer, response, forwarding, null);
    Upgrade.switching(response);
    Consumer<Consumer<Outcome>> lookers = tunnel::whenOver;
    request.setAttribute(UpstreamServlet.TUNNEL, lookers);
    takeover.takeOver(tunnel::clientHalf, tunnel::abandon);
    afterInterims(this::end);
    return true;
  }

  /** Whether the answer has no body because of what was asked, and does not say how long it would be. */
  boolean lengthIsUnknown() {
    boolean bodiless = method().equals("HEAD") || response.getStatus() == HttpServletResponse.SC_NOT_MODIFIED;
    return bodiless && response.getHeader("Content-Length") == null;
  }

  /** An attempt failed before there was an answer. */
  void failed(Attempt failed, Throwable cause) {
    log.debug("{} at {} failed", method(), failed.backend(), cause);
    if (race.giveWay(failed)) {
      return;
    }
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
    if (race.giveWay(last)) {
      last.discard();
      return true;
    }
    ClientBody sent = body;
    if (over.get() || sent != null && sent.bytes() > 0) {
      return false;
    }
    Optional<Turn> next = turns.after(last, firstIsFree);
    if (next.isEmpty()) {
      return false;
    }
    last.discard();
    race.leave(last);
    start(next.get());
    return true;
  }

  /** An attempt will have no answer, and is not repeated. */
  void gaveUp(Attempt last, Throwable cause) {
    if (!race.giveWay(last)) {
      unanswered(cause);
    }
  }

  /** No backend answered. */
  void unanswered(Throwable cause) {
    say(ProxyProblems.unanswered(cause));
  }

  @Override
  public void tooLarge() {
    say(ProxyProblems.tooLarge(forwarding.settings().mostRequestBytes()));
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

  /** The backend is done; the client is not, but whether it leaves concerns no backend any more. */
  void received() {
    leaveQueue();
    client.stopWatching();
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
    cancelAttempts(cause);
    breakConnection(cause);
  }

  /** Answers in the place of a backend. */
  void say(Problem problem) {
    if (!over.compareAndSet(false, true)) {
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
      long seconds = forwarding.balancer().retryAfter().plusMillis(999).toSeconds();
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

  private void cancelAttempts(Throwable why) {
    race.runners().forEach(running -> running.cancel(why));
  }

  private void breakConnection(Throwable cause) {
    settle();
    client.cut(cause);
  }

  private void end() {
    settle();
    client.complete();
  }

  private void leaveQueue() {
    FairQueue.Place entered = place;
    if (entered != null) {
      entered.leave();
    }
  }

  private static void cancel(Scheduler.@Nullable Task task) {
    if (task != null) {
      task.cancel();
    }
  }

  private void settle() {
    client.stopWatching();
    leaveQueue();
    cancel(patience);
    cancel(deadline);
    forwarding.budget().ended();
    forwarding.client().ended();
    if (request.getAttribute(UpstreamServlet.WHEN_OVER) instanceof Runnable told) {
      try {
        told.run();
      } catch (RuntimeException e) {
        // Whoever looks on must not keep the answer from its end.
        log.warn("What was to be told of the end of a request failed", e);
      }
    }
  }
}

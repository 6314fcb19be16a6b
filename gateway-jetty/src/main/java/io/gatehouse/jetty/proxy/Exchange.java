package io.gatehouse.jetty.proxy;

import io.gatehouse.Dispatch;
import io.gatehouse.Inbound;
import io.gatehouse.Subject;
import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.jetty.proxy.Turns.Turn;
import io.gatehouse.jetty.seat.Seat;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from the first attempt at a backend to the end of the answer, whoever it is for: who that is, those who
 * extend this know.
 *
 * <p>What may be repeated: a request of which the backend saw nothing, whatever its method; one that is
 * idempotent (RFC 9110, 9.2.2), when not a byte of an answer came, or the answer was that the backend has no
 * room (429) or is at fault, as its pick reads it. Never one of whose body anything was read, because bodies are not
 * kept. How often, {@link Turns} say.
 *
 * <p>It is over once, by the first of: the answer is complete, an answer of our own, the answer broke, nobody wants it any
 * more.
 */
abstract class Exchange {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  /** What may be asked of two backends at once: it changes nothing, and costs no more than the work. */
  private static final Set<String> RACED = Set.of("GET", "HEAD");

  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

  private final Forwarding forwarding;
  private final Inbound inbound;
  private final String target;
  private final HttpFields fields;
  private final String turnOf;
  private final @Nullable Seat seat;
  private final AtomicBoolean over = new AtomicBoolean();
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
  private volatile Scheduler.@Nullable Task deadline;

  /** Where the answer is held that its reader has not taken yet; null where none is. */
  private volatile @Nullable ReadAhead ahead;

  /**
   * One that has not begun.
   *
   * @param fields as the backend gets them
   * @param turnOf with whom it takes turns where requests wait, see {@link #turnOf}
   * @param seat where connections to backends are to be, see {@link UpstreamServlet#SEAT}; null: anywhere
   * @param mayRace whether a slow attempt may have another beside it, if the settings and the method allow it
   */
  Exchange(Forwarding forwarding, Inbound inbound, String target, HttpFields fields, String turnOf,
      @Nullable Object seat, boolean mayRace) {
    this.forwarding = forwarding;
    this.inbound = inbound;
    this.target = target;
    this.fields = fields;
    this.turnOf = turnOf;
    // Of fewer connections than seats some would have none.
    this.seat = seat instanceof Seat one && one.among() <= forwarding.settings().mostConnections() ? one : null;
    turns = new Turns(forwarding, inbound);
    this.mayRace =
        mayRace && !forwarding.settings().hedgeAfter().isZero() && RACED.contains(inbound.method());
  }

  /** With whom a request takes turns where requests wait for a backend; empty where none do. */
  static String turnOf(Forwarding forwarding, HttpServletRequest request, Inbound inbound) {
    if (forwarding.queue() == null) {
      return "";
    }
    Dispatch dispatch = UpstreamServlet.dispatch(request);
    if (dispatch != null) {
      return dispatch.turnOf();
    }
    return request.getAttribute(UpstreamServlet.SUBJECT) instanceof Subject subject
        ? subject.user() : inbound.clientAddress().getHostAddress();
  }

  /** Counts it and limits its time. */
  final void enter() {
    forwarding.budget().began();
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

  /** Asks the first backend; waits for its turn where requests have to, and holds no thread meanwhile. */
  final void first() {
    FairQueue queue = forwarding.queue();
    if (queue == null) {
      pick();
      return;
    }
    Optional<FairQueue.Place> entered = queue.enter(turnOf, this::pick);
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
    asks(pick.upstream());
    send(new Attempt(this, pick, turn.whenSettled()), turn);
  }

  private void send(Attempt next, Turn turn) {
    race.enter(next);
    if (over.get()) {
      next.cancel(new IOException("over before it began"));
      return;
    }
    next.send(content(), turn.fresh());
  }

  /** Whether a slow attempt may have another one race it. */
  boolean mayRace() {
    return mayRace;
  }

  /** Asks another backend besides, under the lock of the slow attempt, so that nothing else takes its place. */
  final void race(Attempt slow) {
    mayRace = false;
    turns.beside(slow).ifPresent(turn -> {
      Attempt second = new Attempt(this, turn.pick(), turn.whenSettled());
      hedge = second;
      forwarding.hedges().began();
      send(second, turn);
    });
  }

  /** Whether the answer that begins is the one that counts; false when another one has begun before. */
  final boolean wins(Attempt first) {
    if (!race.win(first)) {
      return false;
    }
    if (first == hedge) {
      forwarding.hedges().won();
      asks(first.upstream());
    }
    return true;
  }

  /** Runs a short task if this attempt may answer; while it runs, nobody wins. */
  final void during(Attempt attempt, Runnable task) {
    race.during(attempt, task);
  }

  final Forwarding forwarding() {
    return forwarding;
  }

  final String method() {
    return inbound.method();
  }

  /** The method that backends are asked with. */
  final String asked() {
    return imgproxy() && method().equals("HEAD") ? "GET" : method();
  }

  private boolean imgproxy() {
    return forwarding.settings().speaker() == ProxySettings.Speaker.IMGPROXY;
  }

  /**
   * What is answered in the place of a backend that speaks of itself, and not of what it was asked for; null
   * when its answer is the client's.
   */
  final @Nullable Problem inPlaceOf(int meaning) {
    return imgproxy() ? ProxyProblems.ofImgproxy(meaning) : null;
  }

  /** The status that the answer of a backend stands for. */
  final int meaning(Response answer, Attempt of) {
    return imgproxy() ? forwarding.imgproxy().meaning(answer, of.backend()) : answer.getStatus();
  }

  final String target() {
    return target;
  }

  final HttpFields fields() {
    return fields;
  }

  final @Nullable Seat seat() {
    return seat;
  }

  final boolean over() {
    return over.get();
  }

  /** Ends it; true for whoever does so first, who says how. */
  final boolean finish() {
    return over.compareAndSet(false, true);
  }

  /** An attempt failed before there was an answer. */
  final void failed(Attempt failed, Throwable cause) {
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
  final boolean tryElsewhere(Attempt last, boolean free) {
    return IDEMPOTENT.contains(method()) && again(last, free);
  }

  /** Starts another attempt in the place of one; false if that may not be or there is nobody. */
  private boolean again(Attempt last, boolean firstIsFree) {
    if (race.giveWay(last)) {
      last.discard();
      return true;
    }
    if (over.get() || !repeatable()) {
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
  final void gaveUp(Attempt last, Throwable cause) {
    if (!race.giveWay(last)) {
      unanswered(cause);
    }
  }

  /** No backend answered. */
  final void unanswered(Throwable cause) {
    say(ProxyProblems.unanswered(cause));
  }

  /** Lets go of all backends. */
  final void cancelAttempts(Throwable why) {
    race.runners().forEach(running -> running.cancel(why));
  }

  /** The body of the answer that counts, taken from an imgproxy before that loses patience with a slow client. */
  final Content.Source body(Attempt attempt, Content.Source source) {
    if (!imgproxy()) {
      return source;
    }
    ReadAhead taken = new ReadAhead(source, forwarding.imgproxy().room(), attempt::received);
    ahead = taken;
    return taken;
  }

  /** Gives back what {@link #enter} took, its turn, and the use of the client; once, at the end. */
  final void leave() {
    leaveQueue();
    cancel(patience);
    cancel(deadline);
    ReadAhead taken = ahead;
    if (taken != null) {
      taken.close();
    }
    forwarding.budget().ended();
    forwarding.client().ended();
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

  /** A backend is asked, or its answer is the one that counts. */
  abstract void asks(Upstream backend);

  /** Takes over status and fields of an answer. False when it is too late for that. */
  abstract boolean answers(Response answer);

  /**
   * Takes the body of the answer that counts.
   *
   * @throws IOException when whoever it is for cannot take it
   */
  abstract Pump pump(Attempt attempt, Content.Source source) throws IOException;

  /** The backend is done, and has time for another request. */
  void received() {
    leaveQueue();
  }

  /** The answer broke off. */
  abstract void broke(Throwable cause);

  /** Nobody wants the answer any more. */
  abstract void clientLeft(Throwable cause);

  /** Answers in the place of a backend. */
  abstract void say(Problem problem);

  /** What the request asks to go on as; null: nothing. */
  @Nullable Upgrade upgrade() {
    return null;
  }

  /** The body of the request for one attempt; null when there is none. */
  Request.@Nullable Content content() {
    return null;
  }

  /** Whether nothing of the body was taken yet. */
  boolean repeatable() {
    return true;
  }

  /** Whether fields may follow the body of the request. */
  boolean sendsTrailers() {
    return false;
  }

  /** The fields that followed that body, once all of it was read; null when there are none. */
  @Nullable HttpFields trailers() {
    return null;
  }

  /** Whether the client owes more of its body. */
  boolean waitsForBody() {
    return false;
  }

  /** The client owes more of its body and is late. */
  void bodyLate() {
    throw new IllegalStateException("no body");
  }

  /** The backend asked for the body, or has had time enough to. */
  void letBodyGo() {}

  /** An interim answer came. */
  void interim(Attempt from, int status, HttpFields received) {}

  /** Runs a task when no interim answer is being written any more. */
  void afterInterims(Runnable task) {
    task.run();
  }

  /**
   * The backend has accepted a handshake: the request is answered, and what follows passes through a tunnel.
   *
   * @param whenOver is run when the tunnel is over
   * @return false when it is too late for that
   */
  boolean switches(Response answer, EndPoint backend, Runnable whenOver) {
    return false;
  }
}

package io.gatehouse.jetty.proxy;

import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.CyclicTimeout;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One request to one backend: says one verb to its {@link Pick}, watches the time, and tells the exchange how
 * it went. Called by the client's threads and the container's; whoever settles it first decides.
 */
final class Attempt
    implements Request.BeginListener, Request.ContentListener, Request.SuccessListener,
        Response.BeginListener, Response.HeadersListener, Response.ContentSourceListener,
        Response.CompleteListener {

  /**
   * So many interim answers are taken before the final one. Each goes out to the client at once, so that without
   * an end a backend could have us hold what a slow client does not read.
   */
  private static final int MOST_INTERIM = 32;

  /** Beyond it there are no classes of statuses (RFC 9110, 15). */
  private static final int LAST_STATUS = 599;

  /** How often a silent attempt asks whether its backend was found hung. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Exchange exchange;
  private final Pick pick;
  private final Runnable whenSettled;
  private final RawRequest request;
  private final ProxySettings settings;
  private final long startNanos = System.nanoTime();
  /** On the clock that dates connections. */
  private final long startMillis = System.currentTimeMillis();
  private final AtomicBoolean settled = new AtomicBoolean();
  private final CyclicTimeout watch;

  private volatile long movedNanos = startNanos;
  /** A connection was there and the request began to go out. */
  private volatile boolean connected;
  /** The whole request went out. */
  private volatile boolean sent;
  /** Something of an answer came, be it no more than an interim one. */
  private volatile boolean heard;
  /** The fields of the final answer came and are the client's. */
  private volatile boolean answering;
  /** The answer accepts a handshake; the connection is not HTTP any more when it is complete. */
  private volatile boolean switching;
  /** The answer is thrown away, because another backend is asked instead. */
  private volatile boolean discarding;
  private volatile @Nullable Pump pump;
  /** What the answer stands for; 0 before. */
  private volatile int status;
  /** Written by the thread that receives. */
  private int interim;

  Attempt(Exchange exchange, Pick pick, Runnable whenSettled) {
    this.exchange = exchange;
    this.pick = pick;
    this.whenSettled = whenSettled;
    Forwarding forwarding = exchange.forwarding();
    settings = forwarding.settings();
    request = new RawRequest(forwarding.http(), backend(), exchange.asked(), exchange.target());
    watch = new CyclicTimeout(forwarding.http().getScheduler()) {
      @Override
      public void onTimeoutExpired() {
        look();
      }
    };
  }

  Upstream upstream() {
    return pick.upstream();
  }

  URI backend() {
    return pick.upstream().uri();
  }

  /**
   * Sends the request.
   *
   * @param fresh whether on a connection of its own, because those in the pool are in doubt
   */
  void send(Request.@Nullable Content body, boolean fresh) {
    request.headers(fields -> {
      fields.clear();
      if (!exchange.fields().contains(HttpHeader.HOST)) {
        // First, as it should be (RFC 9110, 7.2).
        fields.add(HttpHeader.HOST, backend().getRawAuthority());
      }
      fields.add(exchange.fields());
    });
    request.tag(exchange.seat());
    request.idleTimeout(0, TimeUnit.MILLISECONDS);
    request.attribute(InterimAnswers.ATTEMPT, this);
    request.onRequestBegin(this);
    request.onRequestSuccess(this);
    if (body == null) {
      sent = true;
    } else {
      request.body(body);
      if (exchange.sendsTrailers()) {
        request.trailersSupplier(exchange::trailers);
      }
      request.onRequestContent(this);
    }
    schedule(limit().toNanos());
    if (fresh) {
      sendFresh();
    } else {
      request.send(this);
    }
  }

  private void sendFresh() {
    Upgrade upgrade = exchange.upgrade();
    if (upgrade == null || !upgrade.wanted()) {
      request.headers(fields -> fields.add(HttpHeader.CONNECTION, "close"));
    }
    exchange.forwarding().http().resolveDestination(request).newConnection(new Promise<>() {
      @Override
      public void succeeded(org.eclipse.jetty.client.Connection connection) {
        if (settled.get()) {
          connection.close();
        } else {
          connection.send(request, Attempt.this);
        }
      }

      @Override
      public void failed(Throwable cause) {
        fail(cause);
      }
    });
  }

  /** Gives it up for a reason that says nothing about the backend, which is let go at once. */
  void cancel(Throwable why) {
    if (settle(Pick::abandoned)) {
      request.abort(why);
    }
  }

  /** Whether the backend never saw any of the request. */
  boolean unseen() {
    return !connected;
  }

  /**
   * Whether a connection that was there before this request ended without a word: it was closed as the
   * request came.
   */
  boolean stale() {
    return connected && !heard
        && request.getConnection() instanceof Connection connection
        && (connection.getMessagesOut() > 1 || connection.getCreatedTimeStamp() < startMillis);
  }

  /** Whether not a byte of an answer came. */
  boolean unheard() {
    return !heard;
  }

  /** Something moved in one of the bodies. */
  void moved() {
    movedNanos = System.nanoTime();
  }

  /** The last byte of the answer came. */
  void received() {
    if (settle(p -> p.answered(status, elapsed()))) {
      if (!sent) {
        request.abort(new IOException("answered before the whole request was there"));
      }
      exchange.received();
    }
  }

  /** The answer ended before its time. */
  void broke(Throwable cause) {
    if (settle(p -> p.failed(cause))) {
      exchange.broke(cause);
    }
  }

  @Override
  public void onBegin(Request begun) {
    connected = true;
  }

  @Override
  public void onContent(Request begun, ByteBuffer content) {
    moved();
  }

  @Override
  public void onSuccess(Request whole) {
    sent = true;
    moved();
    reschedule();
  }

  @Override
  public void onBegin(Response answer) {
    heard = true;
  }

  /** An answer came that is not the last. It does not make the final one come any later. */
  void onInterim(int code, HttpFields fields) {
    heard = true;
    interim++;
    if (interim > MOST_INTERIM) {
      refuse(new IOException("more than " + MOST_INTERIM + " interim answers"));
    } else if (code == HttpStatus.CONTINUE_100) {
      exchange.letBodyGo();
    } else if (!settled.get()) {
      exchange.interim(this, code, fields);
    }
  }

  /** The backend answered what is no answer. */
  private void refuse(IOException cause) {
    if (settle(p -> p.failed(cause))) {
      request.abort(cause);
      exchange.gaveUp(this, cause);
    }
  }

  @Override
  public void onHeaders(Response answer) {
    status = exchange.meaning(answer, this);
    moved();
    decide(answer);
  }

  /** Under the lock under which a silent attempt is left, so that never two answers are the client's. */
  private synchronized void decide(Response answer) {
    if (settled.get()) {
      return;
    }
    Upgrade upgrade = exchange.upgrade();
    if (status == HttpStatus.SWITCHING_PROTOCOLS_101 && upgrade != null && upgrade.accepted(answer)) {
      switching = true;
    } else if (status == HttpStatus.SWITCHING_PROTOCOLS_101) {
      // Nobody asked, or not for this.
      refuse(new IOException("switched protocols unasked"));
    } else if (status < HttpStatus.OK_200 || status > LAST_STATUS) {
      refuse(new IOException("answered with the status " + status));
    } else if (answer.getHeaders().contains(HttpHeader.TRANSFER_ENCODING) && !Fields.chunked(answer)) {
      // What is coded in other ways would arrive as if it were not.
      refuse(new IOException("answered in a transfer coding that it was not asked for"));
    } else if (pick.begins(status, elapsed())
        && exchange.tryElsewhere(this, status == HttpStatus.TOO_MANY_REQUESTS_429)) {
      // Discarded: another one answers in its place.
      return;
    } else if (exchange.wins(this)) {
      Problem instead = exchange.inPlaceOf(status);
      if (instead == null) {
        answering = exchange.answers(answer);
        reschedule();
      } else {
        discard();
        exchange.say(instead);
      }
    } else {
      outrun();
    }
  }

  /** Another one has begun to answer. */
  void outrun() {
    if (settle(p -> p.outrun(elapsed()))) {
      request.abort(new IOException("another backend was faster"));
    }
  }

  /** Lets its answer go, if one is there, because another attempt takes its place. */
  void discard() {
    discarding = true;
    settle(p -> {
      if (status == 0) {
        p.failed(new TimeoutException("backend hung"));
      } else {
        p.answered(status, elapsed());
      }
    });
  }

  @Override
  public void onContentSource(Response answer, Content.Source source) {
    if (discarding || switching) {
      Content.Source.consumeAll(source, Callback.NOOP);
    } else if (answering) {
      try {
        Pump started = exchange.pump(this, exchange.body(this, source));
        pump = started;
        exchange.afterInterims(started::start);
      } catch (IOException e) {
        exchange.clientLeft(e);
      }
    }
  }

  @Override
  public void onComplete(Result result) {
    if (switching && result.isSucceeded()) {
      switchProtocols(result.getResponse());
    } else if (discarding || settled.get()) {
      watch.destroy();
    } else if (result.isFailed()) {
      fail(result.getFailure());
    }
  }

  /** On the thread that has read the answer, in whose hands the first frames may be. */
  private void switchProtocols(Response answer) {
    EndPoint backend = (EndPoint) request.getConversation().getAttribute(EndPoint.class.getName());
    Duration answered = elapsed();
    if (!settle(p -> {})) {
      backend.close();
    } else if (!exchange.switches(answer, backend, () -> pick.answered(status, answered))) {
      backend.close();
      pick.abandoned();
    }
  }

  /** Under the lock under which a silent attempt is left, so that never two attempts take its place. */
  private synchronized void fail(Throwable cause) {
    if (cause instanceof HttpResponseException) {
      // What cannot be read is a word all the same.
      heard = true;
    }
    if (answering) {
      // The pump comes upon it by itself, after what came before; unless there was no time to start one.
      if (pump == null) {
        broke(cause);
      }
      return;
    }
    // Full is not ill, and a connection that was closed at the moment of its use says nothing either.
    boolean silent = cause instanceof RejectedExecutionException || stale();
    if (settle(p -> {
      if (silent) {
        p.abandoned();
      } else {
        p.failed(cause);
      }
    })) {
      exchange.failed(this, cause);
    }
  }

  /** Looks whether time is up. */
  private void look() {
    long left = limit().toNanos() - (System.nanoTime() - movedNanos);
    if (left > 0) {
      if (!leave()) {
        race();
        if (!settled.get()) {
          schedule(left);
        }
      }
      return;
    }
    Pump pumping = pump;
    if (discarding) {
      request.abort(new TimeoutException("answer to be thrown away takes too long"));
    } else if (pumping != null && pumping.waitsForClient()) {
      exchange.clientLeft(new TimeoutException("client took nothing for " + settings.idleTimeout()));
    } else if (!sent && exchange.waitsForBody()) {
      exchange.bodyLate();
    } else {
      TimeoutException cause = new TimeoutException("backend was silent for " + limit());
      if (settle(p -> p.failed(cause))) {
        request.abort(cause);
        if (answering) {
          exchange.broke(cause);
        } else {
          exchange.gaveUp(this, cause);
        }
      }
    }
  }

  /** Has another backend race this one, if this one has not begun to answer in time. */
  private void race() {
    if (!exchange.mayRace() || untilRace() > 0) {
      return;
    }
    synchronized (this) {
      if (status == 0 && !settled.get()) {
        exchange.race(this);
      }
    }
  }

  private long untilRace() {
    return settings.hedgeAfter().toNanos() - (System.nanoTime() - startNanos);
  }

  /**
   * Ends it because the time of the whole request is up. True when the answer had begun.
   *
   * @param blamed whether the backend is to blame if it is the one that is waited for
   */
  boolean expire(Throwable cause, boolean blamed) {
    boolean ended;
    boolean begun;
    synchronized (this) {
      Pump pumping = pump;
      boolean clients = pumping == null ? !sent && exchange.waitsForBody() : pumping.waitsForClient();
      ended = settle(p -> {
        if (clients || !blamed) {
          p.abandoned();
        } else {
          p.failed(cause);
        }
      });
      begun = answering;
    }
    if (ended) {
      request.abort(cause);
    }
    return begun;
  }

  /** Gives the request to another backend if this one was found hung. False when it stays here. */
  private boolean leave() {
    synchronized (this) {
      if (heard || settled.get() || !pick.lost() || !exchange.tryElsewhere(this, true)) {
        return false;
      }
    }
    request.abort(new TimeoutException("backend hung"));
    return true;
  }

  private Duration limit() {
    return sent && !answering ? settings.responseTimeout() : settings.idleTimeout();
  }

  private void reschedule() {
    if (!settled.get()) {
      schedule(limit().toNanos());
    }
  }

  private void schedule(long nanos) {
    long next = heard ? nanos : Math.min(nanos, LOOK_NANOS);
    if (status == 0 && exchange.mayRace()) {
      next = Math.min(next, Math.max(0, untilRace()));
    }
    watch.schedule(next, TimeUnit.NANOSECONDS);
  }

  private boolean settle(Consumer<Pick> verb) {
    if (!settled.compareAndSet(false, true)) {
      return false;
    }
    if (!discarding) {
      watch.destroy();
    }
    verb.accept(pick);
    whenSettled.run();
    return true;
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Whether a failure was one of time. */
  static boolean late(Throwable cause) {
    return cause instanceof TimeoutException || cause instanceof SocketTimeoutException;
  }
}

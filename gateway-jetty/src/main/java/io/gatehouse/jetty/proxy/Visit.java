package io.gatehouse.jetty.proxy;

import io.gatehouse.Dispatch;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.ByteRange;
import io.gatehouse.core.cache.CachePolicy;
import io.gatehouse.core.cache.CacheRequest;
import io.gatehouse.core.cache.CacheStatus;
import io.gatehouse.core.cache.Entry;
import io.gatehouse.core.cache.Head;
import io.gatehouse.core.cache.Preconditions;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client on a lane whose answers are kept: it is given one of them, waits for one that is asked for, or is
 * forwarded as if nothing was kept.
 *
 * <p>It is over once: all of the answer is written, an answer of our own, the answer broke, the client left, or a
 * {@link ClientExchange} has taken it over. What touches request and response is guarded by this, since the container uses
 * them again when it is over.
 */
final class Visit {

  /** How often it may turn out that an answer that was waited for is not for it. */
  private static final int MOST_JOINS = 3;

  /** What an answer with 304 says (RFC 9110, 15.4.5). */
  private static final Set<String> OF_304 =
      Set.of("cache-control", "content-location", "date", "etag", "expires", "vary", "age", "via", "cache-status");

  private final CacheLane lane;
  private final Forwarding forwarding;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Inbound inbound;
  private final String target;
  private final HttpFields fields;
  private final CacheRequest wish;
  private final ClientSide client;
  private final InetAddress address;
  private final String turnOf;
  private final @Nullable Object seat;

  /** What a gate has said of how it goes on; null when none has. */
  private final @Nullable Dispatch dispatch;

  /** Guarded by this. */
  private boolean over;

  /** What is kept and has to be validated first; held. Guarded by this. */
  private @Nullable Entry stale;

  /** What is being written; null before. Guarded by this. */
  private @Nullable BodyWriter writer;

  /** Where the answer comes from, or is waited for; null when nowhere yet. */
  private volatile @Nullable Fill fill;

  private volatile Scheduler.@Nullable Task deadline;
  private String why = "uri-miss";
  private int joins;

  Visit(CacheLane lane, Forwarding forwarding, HttpServletRequest request, HttpServletResponse response,
      Inbound inbound, String target, HttpFields fields, CacheRequest wish,
      @Nullable ClientSide known) {
    this.lane = lane;
    this.forwarding = forwarding;
    this.request = request;
    this.response = response;
    this.inbound = inbound;
    this.target = target;
    this.fields = fields;
    this.wish = wish;
    address = inbound.clientAddress();
    turnOf = Exchange.turnOf(forwarding, request, inbound);
    seat = request.getAttribute(UpstreamServlet.SEAT);
    dispatch = UpstreamServlet.dispatch(request);
    client = known == null ? new ClientSide(request, response, this::left) : known;
    client.whenLeft(this::left);
  }

  void begin() {
    long millis = forwarding.settings().totalTimeout().toMillis();
    if (millis > 0) {
      deadline = forwarding.http().getScheduler().schedule(this::timeIsUp, millis, TimeUnit.MILLISECONDS);
    }
    client.watch();
    look();
  }

  private void look() {
    AnswerCache answers = lane.answers();
    long now = System.currentTimeMillis();
    Entry found = answers.find(wish);
    if (found == null) {
      why = answers.variants(wish.key()).isEmpty() ? "uri-miss" : "vary-miss";
    } else {
      long ttl = CachePolicy.ttlMillis(wish.rules(), found, now);
      switch (CachePolicy.use(wish, found, now)) {
        case FRESH, STALE -> {
          give(found, CacheStatus.hit(ttl), null);
          return;
        }
        case STALE_WHILE_REVALIDATE -> {
          hold(found);
          lane.fills().refresh(this);
          if (found.body().retain()) {
            give(found, CacheStatus.hit(ttl), null);
          } else {
            again();
          }
          return;
        }
        case VALIDATE -> {
          why = ttl > 0 ? "request" : "stale";
          hold(found);
        }
      }
    }
    if (wish.onlyIfCached()) {
      say(ProxyProblems.NOT_CACHED);
    } else if (!inbound.method().equals("GET")) {
      alone("method");
    } else if (wish.noStore() || fields.contains("Range") || Preconditions.forOriginOnly(wish)) {
      alone("bypass");
    } else if (lane.fills().isUnkept(wish.key()) || joins >= MOST_JOINS) {
      alone("not-kept");
    } else {
      joins++;
      lane.fills().join(this);
    }
  }

  private synchronized void hold(Entry found) {
    letGoOfStale();
    if (over) {
      found.body().release();
    } else {
      stale = found;
    }
  }

  private synchronized void letGoOfStale() {
    Entry held = stale;
    stale = null;
    if (held != null) {
      held.body().release();
    }
  }

  /** What is kept and may be validated, held for the caller; null when there is none. */
  synchronized @Nullable Entry retainStale() {
    Entry held = stale;
    return held != null && held.body().retain() ? held : null;
  }

  CacheLane lane() {
    return lane;
  }

  Forwarding forwarding() {
    return forwarding;
  }

  CacheRequest wish() {
    return wish;
  }

  HttpFields fields() {
    return fields;
  }

  String target() {
    return target;
  }

  InetAddress client() {
    return address;
  }

  /** With whom it takes turns where requests wait for a backend. */
  String turnOf() {
    return turnOf;
  }

  /** Where the connection to a backend is to be; null: anywhere. */
  @Nullable Object seat() {
    return seat;
  }

  /** How many pixels the image may have; 0 when that is not known. */
  long pixels() {
    return dispatch == null ? 0 : dispatch.pixels();
  }

  /** Why a backend is asked, in the words of RFC 9211, 2.2. */
  String why() {
    return why;
  }

  /** It waits for this one. */
  void waitsFor(Fill asked) {
    fill = asked;
  }

  /** The answer that it waited for is not for it. */
  void again() {
    synchronized (this) {
      if (over) {
        return;
      }
    }
    letGoOfStale();
    fill = null;
    look();
  }

  /** Is forwarded as if nothing was kept. */
  void alone(String detail) {
    Forwarding begun = null;
    synchronized (this) {
      if (!over) {
        over = true;
        begun = forwarding.begun();
      }
    }
    letGoOfStale();
    if (begun == null) {
      return;
    }
    cancelDeadline();
    lane.answers().miss(false);
    String reason = detail.equals("method") || detail.equals("bypass") ? detail : why;
    CacheStatus status =
        CacheStatus.forwarded(reason, reason.equals(detail) ? null : detail);
    request.setAttribute(UpstreamServlet.CACHE, status.word());
    ClientExchange.begin(begun, request, response, inbound, target, fields, client, status);
  }

  /**
   * Gives the client an answer.
   *
   * @param entry with its body held for this visit, which lets it go
   * @param from whose answer it is; null when it was kept
   */
  void give(Entry entry, CacheStatus status, @Nullable Fill from) {
    BodyWriter begun = null;
    boolean gone = false;
    synchronized (this) {
      if (!over) {
        fill = from;
        begun = writer(entry);
        writer = begun;
        gone = begun == null;
        if (begun != null) {
          answer(entry, status, from, begun);
        }
      }
    }
    letGoOfStale();
    entry.body().release();
    if (begun != null) {
      begun.start();
    } else if (gone) {
      alone("collapse-failed");
    }
  }

  /** What writes the body; null when its beginning is gone. */
  private @Nullable BodyWriter writer(Entry entry) {
    BodyWriter made = new BodyWriter(this, form(entry), response, forwarding.http().getExecutor());
    return made.takes(entry.body()) ? made : null;
  }

  /**
   * What of an entry the client gets.
   *
   * @param unchanged nothing: it has it already
   * @param range a part; null: all
   * @param empty whether no byte of the body is written
   */
  record Form(boolean unchanged, @Nullable ByteRange range, boolean empty) {}

  private Form form(Entry entry) {
    boolean isGet = inbound.method().equals("GET");
    boolean unchanged = Preconditions.notModified(wish, entry);
    ByteRange range =
        isGet && !unchanged && entry.body().isWhole() ? ByteRange.wanted(wish, entry) : null;
    boolean empty = unchanged || !isGet || entry.head().status() == HttpServletResponse.SC_NO_CONTENT
        || range != null && !range.satisfiable();
    return new Form(unchanged, range, empty);
  }

  private void answer(Entry entry, CacheStatus status, @Nullable Fill from, BodyWriter begun) {
    long pixels = entry.owedPixels().getAndSet(0);
    if (status.isHit() && pixels == 0 && !lane.charges(request)) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.KEPT);
    }
    if (status.isHit()) {
      lane.answers().hit(status.ttlSeconds() != null && status.ttlSeconds() < 0);
    } else {
      lane.answers().miss(status.collapsed());
    }
    request.setAttribute(UpstreamServlet.CACHE, status.word());
    if (from != null && !status.collapsed() && from.upstream() != null) {
      request.setAttribute(UpstreamServlet.UPSTREAM, from.upstream());
    }
    request.setAttribute(UpstreamServlet.PIXELS, pixels);
    Form form = begun.form();
    Head head = form.unchanged() ? entry.head().only(OF_304) : entry.head();
    response.setStatus(form.unchanged() ? HttpServletResponse.SC_NOT_MODIFIED : head.status());
    long now = System.currentTimeMillis();
    boolean aged = status.isHit() || from == null || status.status() != 0;
    long age = aged ? CachePolicy.ageMillis(entry, now) / 1000 : 0;
    Fields.headToClient(head, response, forwarding, Freshness.of(dispatch, Instant.ofEpochMilli(now), age));
    Wanted.vary(dispatch, response);
    VariantTags tags = VariantTags.of(forwarding.rewriting(), target, fields);
    if (tags != null) {
      tags.out(response);
    }
    if (aged) {
      response.setHeader("Age", Long.toString(age));
    }
    response.addHeader(CacheLane.STATUS, status.text(Fields.PSEUDONYM));
    ByteRange range = form.range();
    if (range != null) {
      response.setStatus(range.satisfiable() ? 206 : 416);
      response.setHeader("Content-Range", range.of(entry.body().length()));
      response.setHeader("Content-Length", Long.toString(range.satisfiable() ? range.length() : 0));
    } else if (entry.body().isWhole() && !form.unchanged() && head.status() != HttpServletResponse.SC_NO_CONTENT) {
      response.setHeader("Content-Length", Long.toString(entry.body().length()));
    }
  }

  /** Answers in the place of a backend. */
  void say(Problem problem) {
    boolean begun;
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      begun = response.isCommitted();
      if (!begun) {
        send(problem);
      }
    }
    if (begun) {
      abort(new IOException("answer begun"));
    } else {
      settle();
      client.complete();
    }
  }

  private void send(Problem problem) {
    if (problem.status() >= 500) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.UNANSWERED);
    }
    if (problem == ProxyProblems.NOT_CACHED) {
      response.addHeader(CacheLane.STATUS, CacheStatus.forwarded(why, "only-if-cached").text(Fields.PSEUDONYM));
    } else if (problem.status() == 503) {
      long seconds = forwarding.balancer().retryAfter().plusMillis(999).toSeconds();
      response.setHeader("Retry-After", Long.toString(seconds));
    }
    try {
      problem.send(response);
    } catch (IOException e) {
      request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
    }
  }

  /** All of the answer is with the container. */
  void answered() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    settle();
    client.complete();
  }

  /** The answer broke off. */
  void broke(Throwable cause) {
    boolean begun;
    synchronized (this) {
      if (over) {
        return;
      }
      begun = response.isCommitted();
      if (!begun) {
        response.reset();
      }
    }
    if (begun) {
      left(cause);
    } else {
      say(ProxyProblems.unanswered(cause));
    }
  }

  /** The client left, or must be cut off. */
  void left(Throwable cause) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    abort(cause);
  }

  private void abort(Throwable cause) {
    request.setAttribute(UpstreamServlet.ENDING, Outcome.Ending.ABORTED);
    settle();
    client.cut(cause);
  }

  synchronized boolean over() {
    return over;
  }

  private void timeIsUp() {
    boolean begun;
    synchronized (this) {
      begun = writer != null;
    }
    TimeoutException cause = new TimeoutException("took longer than " + forwarding.settings().totalTimeout());
    if (begun) {
      left(cause);
    } else {
      say(ProxyProblems.unanswered(cause));
    }
  }

  private void cancelDeadline() {
    Scheduler.Task limit = deadline;
    if (limit != null) {
      limit.cancel();
    }
  }

  private void settle() {
    client.stopWatching();
    cancelDeadline();
    letGoOfStale();
    BodyWriter writing;
    synchronized (this) {
      writing = writer;
    }
    if (writing != null) {
      writing.close();
    }
    Fill source = fill;
    if (source != null) {
      source.leave(this);
    }
    client.tellOver();
  }
}

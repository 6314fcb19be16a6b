package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.Body;
import io.gatehouse.core.cache.CachePolicy;
import io.gatehouse.core.cache.CacheRequest;
import io.gatehouse.core.cache.CacheStatus;
import io.gatehouse.core.cache.Entry;
import io.gatehouse.core.cache.Head;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks backends for an answer that is to be kept, for all who want it at the moment, and for nobody in particular: whoever
 * leaves, it goes on.
 *
 * <p>Those who come before the answer begins wait for it; then it turns out what becomes of them. An answer that may be
 * kept is read by all who ask alike, from what is there of it, each at its own pace. One that may not goes to the one whose
 * request was sent, as fast as that one takes it, and the others go on by themselves. A kept answer that was found valid again, or that
 * has to do in the place of an error, is given to all.
 *
 * <p>Bounds: a body that turns out larger than what is kept, or for which there is no room, is passed on to those who read
 * it already. When nobody is left, what is not kept ends at once, and what is, {@link #LONELY_NANOS} later.
 */
final class Fill extends Exchange {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  /** How long bytes are received for nobody but the cache. */
  private static final long LONELY_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Conditions and parts that a client asks for have no place in a request for the whole. */
  private static final Set<String> CONDITIONS =
      Set.of("if-none-match", "if-modified-since", "if-range", "range");

  /** What becomes of those who wait. */
  private enum Plan { WAIT, KEEP, PASS, VALIDATED, STALE }

  private final CacheLane lane;
  private final Fills fills;
  private final CacheRequest wish;
  private final String why;

  /** What the image is taken to have where the backend does not tell. */
  private final long pixels;

  /** Whose request it is that is sent; nobody else is given an answer that may not be kept. Null when nobody waited. */
  private final @Nullable Visit leader;

  /** Held to the end; null when there is nothing to validate or to fall back on. */
  private final @Nullable Entry stale;

  private final AtomicLong reserved = new AtomicLong();
  private final Body body;
  private final long askedMillis = System.currentTimeMillis();

  /** Those who wait. Guarded by this. */
  private List<Visit> waiting = new ArrayList<>();

  /** Guarded by this. */
  private boolean outdated;

  private volatile Plan plan = Plan.WAIT;

  /** What is received, or what is given instead; null before it begins. Held until the end if it is the latter. */
  private volatile @Nullable Entry entry;

  private volatile @Nullable String objection;
  private volatile int backendStatus;
  private volatile @Nullable Upstream upstream;

  /** When somebody was last seen to read. Used by the thread that receives. */
  private long accompaniedNanos = System.nanoTime();

  private Fill(CacheLane lane, Forwarding forwarding, Fills fills, CacheRequest wish, Inbound inbound,
      HttpFields fields, @Nullable Entry stale, @Nullable Visit leader, Visit first) {
    super(forwarding, inbound, inbound.target(), fields, first.turnOf(), first.seat(), true);
    this.lane = lane;
    this.fills = fills;
    this.wish = wish;
    this.stale = stale;
    this.leader = leader;
    this.why = first.why();
    this.pixels = first.pixels();
    AnswerCache answers = lane.answers();
    AtomicLong taken = reserved;
    this.body = new Body(() -> answers.giveBack(taken.get()));
  }

  /**
   * One that has not begun.
   *
   * @param waits whether the visit waits for it; otherwise nobody does, and leave was taken from the budget for it
   */
  static Fill of(Visit first, Fills fills, boolean waits) {
    Entry stale = first.retainStale();
    HttpFields fields = whole(first, stale);
    CacheRequest wish = new CacheRequest(
        first.wish().key(), name -> CacheLane.joined(fields, name), first.wish().shared(), first.wish().rules());
    Inbound inbound = new Detached("GET", first.target(), fields, first.client());
    Fill fill = new Fill(
        first.lane(), first.forwarding().begun(), fills, wish, inbound, fields, stale, waits ? first : null, first);
    if (waits) {
      fill.waiting.add(first);
      first.waitsFor(fill);
    }
    return fill;
  }

  /** The fields that ask for all of the answer, unless it is what is kept. */
  private static HttpFields whole(Visit visit, @Nullable Entry stale) {
    HttpFields.Mutable fields = HttpFields.build();
    for (HttpField field : visit.fields()) {
      String lower = field.getLowerCaseName();
      if (CONDITIONS.contains(lower)) {
        continue;
      }
      String normal = visit.wish().normal(lower);
      if (Objects.equals(normal, CacheLane.joined(visit.fields(), lower))) {
        fields.add(field);
      } else if (normal != null) {
        fields.put(field.getName(), normal);
      }
    }
    if (stale != null) {
      if (stale.etag() != null) {
        fields.put(HttpHeader.IF_NONE_MATCH, stale.etag());
      }
      if (stale.lastModified() != null) {
        fields.put(HttpHeader.IF_MODIFIED_SINCE, stale.lastModified());
      }
    }
    return fields.asImmutable();
  }

  void begin() {
    enter();
    first();
  }

  CacheRequest wish() {
    return wish;
  }

  /** Whether a visit is for this one; called for one at a time, and for no two keys. */
  synchronized Fills.Joined join(Visit visit, List<Fill> siblings) {
    Entry known = entry;
    Set<String> tags = known == null ? Set.of() : known.tags();
    if (outdated || over() || lane.answers().purgedSince(askedMillis, wish.key(), tags)) {
      return Fills.Joined.NOT;
    }
    if (plan == Plan.WAIT && asksAlike(visit, siblings)) {
      waiting.add(visit);
      visit.waitsFor(this);
      return Fills.Joined.WAITS;
    }
    if (plan == Plan.KEEP && known != null && known.answers(visit.wish()) && body.retain()) {
      return Fills.Joined.READS;
    }
    return Fills.Joined.NOT;
  }

  /** By what answers under the key are known to vary, both say the same. */
  private boolean asksAlike(Visit visit, List<Fill> siblings) {
    for (Entry kept : lane.answers().variants(wish.key())) {
      if (!kept.variesAlike(wish, visit.wish())) {
        return false;
      }
    }
    for (Fill sibling : siblings) {
      Entry begun = sibling.entry;
      if (begun != null && !begun.variesAlike(wish, visit.wish())) {
        return false;
      }
    }
    return true;
  }

  /** Gives a visit what is being received, whose body is held for it. */
  void serve(Visit visit) {
    visit.give(Objects.requireNonNull(entry), status(true), this);
  }

  /** It does not wait any more. */
  void leave(Visit visit) {
    synchronized (this) {
      waiting.remove(visit);
    }
    if (plan == Plan.PASS && body.readers() == 0) {
      clientLeft(new IOException("nobody is left"));
    }
  }

  /** What it receives is not kept, and nobody else is given it. */
  synchronized void outdate() {
    outdated = true;
  }

  @Override
  void asks(Upstream backend) {
    upstream = backend;
  }

  @Override
  boolean answers(Response answer) {
    if (over()) {
      return false;
    }
    long now = System.currentTimeMillis();
    Entry kept = stale;
    backendStatus = answer.getStatus();
    Head head = Fields.head(answer, forwarding());
    if (kept != null && answer.getStatus() == HttpStatus.NOT_MODIFIED_304) {
      Entry valid = kept.validated(head, askedMillis, now);
      objection = CachePolicy.objection(wish, valid.head()).orElse(null);
      entry = valid;
      become(Plan.VALIDATED);
    } else if (kept != null && answer.getStatus() >= 500 && CachePolicy.servesOnError(wish, kept, now)) {
      entry = kept;
      become(Plan.STALE);
    } else {
      objection = CachePolicy.objection(wish, head).orElse(tooLarge(answer) ? "too-large" : null);
      Entry begun = Entry.of(wish, head, body, askedMillis, now);
      begun.owedPixels().set(Fields.pixels(answer, pixels));
      entry = begun;
      become(objection == null ? Plan.KEEP : Plan.PASS);
    }
    return true;
  }

  private boolean tooLarge(Response answer) {
    return answer.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > lane.answers().mostBytes(wish.rules());
  }

  private synchronized void become(Plan next) {
    plan = next;
  }

  @Override
  Pump pump(Attempt attempt, Content.Source source) {
    Entry given = Objects.requireNonNull(entry);
    if (plan == Plan.VALIDATED) {
      keep(given);
    }
    if (plan == Plan.VALIDATED || plan == Plan.STALE) {
      fills.remove(this);
      for (Visit visit : takeWaiting()) {
        boolean may = visit == leader || objection == null && given.answers(visit.wish());
        if (may && given.body().retain()) {
          visit.give(given, status(false), this);
        } else {
          visit.again();
        }
      }
      return new FillPump(this, attempt, source, false);
    }
    List<Visit> visits = takeWaiting();
    if (plan == Plan.PASS) {
      pass(visits);
    } else {
      for (Visit visit : visits) {
        if (given.answers(visit.wish()) && body.retain()) {
          visit.give(given, status(visit != leader), this);
        } else {
          visit.again();
        }
      }
    }
    return new FillPump(this, attempt, source, true);
  }

  /** The one whose request it was is given what is not kept; the others do without each other. */
  private void pass(List<Visit> visits) {
    fills.remove(this);
    fills.notKept(wish.key());
    List<Visit> others = new ArrayList<>(visits);
    if (leader != null && others.remove(leader) && body.retain()) {
      leader.give(Objects.requireNonNull(entry), status(false), this);
    }
    body.passOn();
    new Spread(others, forwarding().http().getScheduler()).begin();
    if (body.readers() == 0) {
      clientLeft(new IOException("nobody is left"));
    }
  }

  private synchronized List<Visit> takeWaiting() {
    List<Visit> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }

  private CacheStatus status(boolean collapsed) {
    boolean differs = plan == Plan.VALIDATED || plan == Plan.STALE;
    boolean stored = plan == Plan.KEEP || plan == Plan.VALIDATED && objection == null;
    Entry given = entry;
    Long ttl = given == null || !stored ? null
        : CacheStatus.seconds(CachePolicy.ttlMillis(wish.rules(), given, System.currentTimeMillis()));
    return new CacheStatus(
        why, differs ? backendStatus : 0, ttl, stored && !collapsed, collapsed,
        plan == Plan.PASS ? objection : null);
  }

  /** Bytes came. */
  void received(byte[] bytes) {
    if (plan == Plan.KEEP && !hasRoom(bytes.length)) {
      become(Plan.PASS);
      body.passOn();
      fills.remove(this);
      fills.notKept(wish.key());
    }
    body.add(bytes);
    long now = System.nanoTime();
    if (body.readers() > 0) {
      accompaniedNanos = now;
    } else if (plan == Plan.PASS || now - accompaniedNanos > LONELY_NANOS) {
      clientLeft(new IOException("nobody is left"));
    }
  }

  private boolean hasRoom(int bytes) {
    if (body.length() + bytes > lane.answers().mostBytes(wish.rules()) || !lane.answers().reserve(bytes)) {
      return false;
    }
    reserved.addAndGet(bytes);
    return true;
  }

  /** Whether more may be received; otherwise a task is run when it may. */
  boolean room(Runnable whenRoom) {
    return body.room(whenRoom);
  }

  /** All bytes came. */
  void complete() {
    Entry whole = entry;
    if (plan == Plan.KEEP && whole != null) {
      body.end();
      keep(whole);
    } else {
      body.end();
    }
    if (finish()) {
      end();
    }
  }

  private synchronized void keep(Entry whole) {
    if (outdated) {
      return;
    }
    if (objection == null) {
      lane.answers().put(whole);
    } else {
      lane.answers().invalidate(whole.key());
    }
  }

  @Override
  void broke(Throwable cause) {
    log.debug("Answer of {} broke off: {}", upstream, cause.toString());
    if (finish()) {
      body.fail(cause);
      end();
    }
  }

  @Override
  void clientLeft(Throwable cause) {
    if (finish()) {
      cancelAttempts(cause);
      body.fail(cause);
      end();
    }
  }

  @Override
  void say(Problem problem) {
    if (!finish()) {
      return;
    }
    cancelAttempts(new IOException("answered with " + problem.status()));
    fills.remove(this);
    Entry kept = stale;
    long now = System.currentTimeMillis();
    for (Visit visit : takeWaiting()) {
      if (kept != null && kept.answers(visit.wish()) && CachePolicy.servesOnError(visit.wish(), kept, now)
          && kept.body().retain()) {
        visit.give(kept, CacheStatus.forwarded(why, "no-backend"), this);
      } else {
        visit.say(problem);
      }
    }
    body.fail(new TimeoutException("no backend answered"));
    end();
  }

  private void end() {
    fills.remove(this);
    leave();
    if (leader == null) {
      forwarding().budget().giveBack();
    }
    for (Visit visit : takeWaiting()) {
      visit.again();
    }
    Entry kept = stale;
    if (kept != null) {
      kept.body().release();
    }
    body.release();
  }

  @Nullable Upstream upstream() {
    return upstream;
  }
}

package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backend of a pool with all that is remembered of it: its health, its ejection, its turn in the balancing, its
 * requests under way. Lives as long as its URI stays in the pool, whatever happens to weight and state.
 *
 * <p>Two things take it out. Bad <em>health</em>: failures of probes and of requests without an answer add up to one
 * count, and only probes bring it back, because an unhealthy one gets no requests. And <em>ejection</em>: faulty answers
 * and failed requests add up to another, and time brings it back, because probes may see nothing of what ails it. What a
 * request says of a time before the last change of health is not heard: a request that hung for half a minute must not
 * throw out a backend that recovered since.
 *
 * <p>It is taken for <em>hung</em>, and out at once, when it holds requests, has answered none of them for the fast
 * interval, and leaves a probe without an answer as well; unless no other backend is of use, for then the probes' own
 * count decides.
 */
final class Member {

  private static final Logger log = LoggerFactory.getLogger(Pool.class);

  /** By how much an interval varies, so that many nodes do not probe in step: ten per cent up or down. */
  private static final double JITTER = 0.1;

  /** How long a backend that holds requests and answers none has for a probe, or less if every probe has less. */
  private static final long QUIET_PROBE_NANOS = 1_000_000_000L;

  private final Pool pool;
  private final URI uri;
  private final long seed;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final PeakLatency latency = new PeakLatency();
  private final Ejection ejection;

  /** Smooth weighted round robin's account. Guarded by the one choice of the pool. */
  long turn;

  private volatile Upstream upstream;
  private volatile Health health = Health.UNCHECKED;
  private volatile int failures;
  /**
   * When a request was last answered, or the first one given out after all were. Racy on purpose: a hint to
   * probe.
   */
  private volatile long heardNanos;
  /**
   * Its last request was answered by another one first. Then it is not as if it held none: it has answered nothing
   * since it was heard of, however often it is asked. Racy as that.
   */
  private volatile boolean outrun;
  /** It is unhealthy because it hung. Written under this. */
  private volatile boolean hung;
  /** When health last changed. Written under this. */
  private volatile long changedNanos;
  /** Its share grows. Written under this, and by whoever sees that it has grown. */
  private volatile boolean warming;
  private volatile long warmNanos;

  // The rest, and every change of health and failures, is guarded by this.
  private int successes;
  private Instant since;
  private @Nullable String lastError;
  private boolean probing;
  private long probeNanos;
  private long probeBeganNanos;

  /**
   * @param added while the pool was in use: its share is to grow
   */
  Member(Pool pool, Upstream upstream, boolean added) {
    this.pool = pool;
    this.upstream = upstream;
    uri = upstream.uri();
    seed = Rendezvous.mix(HashKey.hash(uri.toString()));
    ejection = new Ejection(pool::rules);
    since = pool.instants().instant();
    changedNanos = pool.nanos();
    probeNanos = changedNanos;
    if (added) {
      warm(changedNanos);
    }
  }

  Upstream upstream() {
    return upstream;
  }

  URI uri() {
    return uri;
  }

  /** What it is among the backends that keys are spread over. */
  long seed() {
    return seed;
  }

  PeakLatency latency() {
    return latency;
  }

  boolean enabled() {
    return upstream.state() == Upstream.State.ENABLED;
  }

  /** Whether it is of use: neither unhealthy nor ejected nor draining. */
  boolean usable(long now) {
    return enabled() && health != Health.UNHEALTHY && ejection.state(now) != CircuitBreaker.State.OPEN;
  }

  /** Whether it may be given a new request. */
  boolean admits(long now) {
    return enabled() && health != Health.UNHEALTHY && ejection.admits(now);
  }

  boolean ejected(long now) {
    return ejection.state(now) == CircuitBreaker.State.OPEN;
  }

  int inFlight() {
    return inFlight.get();
  }

  /** Its weight in hundredths, less while it starts slowly. */
  int effectiveWeight(long now) {
    return upstream.weight() * share(now);
  }

  synchronized void become(Upstream changed) {
    upstream = changed;
    long due = pool.nanos() + changed.healthCheckInterval().toNanos();
    if (probeNanos - due > 0) {
      probeNanos = due;
    }
  }

  synchronized void probeAtOnce() {
    probeNanos = pool.nanos();
  }

  /**
   * Gives a request to it.
   *
   * @param seen how many it must hold for that; -1: any number
   * @param panic whether its breaker is not asked
   * @return null when it may not have it
   */
  @Nullable Turn take(long now, int seen, boolean panic, PoolBreaker.Pass pass) {
    boolean trial = !panic && ejection.state(now) == CircuitBreaker.State.HALF_OPEN;
    if (trial && !ejection.tryTrial()) {
      return null;
    }
    int most = pool.rules().breaker().maxRequests();
    int holds;
    do {
      holds = inFlight.get();
      if (holds >= most || seen >= 0 && holds != seen) {
        if (trial) {
          ejection.trialOver();
        }
        return null;
      }
    } while (!inFlight.compareAndSet(holds, holds + 1));
    if (holds == 0 && !outrun) {
      heardNanos = now;
    }
    return new Turn(this, now, trial, pass);
  }

  /** A request that it was given is over and says nothing of it. */
  void released(Turn turn) {
    inFlight.decrementAndGet();
    if (turn.trial()) {
      ejection.trialOver();
    }
    if (turn.pass() == PoolBreaker.Pass.TRIAL) {
      pool.breaker().trialOver();
    }
  }

  /**
   * A request that it was given was answered by another one first. It is no slower than it is thought to be unless that
   * took longer; when it has answered nothing for the fast interval, a probe can tell why.
   */
  void outrun(Duration elapsed, Turn turn) {
    long now = pool.nanos();
    released(turn);
    outrun = true;
    latency.atLeast(elapsed.toNanos(), now);
    if (now - heardNanos >= fastNanos()) {
      synchronized (this) {
        probeNanos = probeNanos - now > 0 ? now : probeNanos;
      }
      pool.stir();
    }
  }

  /** An answer of it begins. Returns what that says. */
  Verdict begins(int status, Duration elapsed) {
    long now = pool.nanos();
    heardNanos = now;
    outrun = false;
    Verdict verdict = pool.rules().outliers().answers().verdict(status, elapsed);
    long nanos = elapsed.toNanos();
    latency.observe(verdict == Verdict.FAULT ? Math.max(nanos, PeakLatency.FAILURE_NANOS) : nanos, now);
    return verdict;
  }

  /** A request that it was given was answered. */
  void answered(Verdict verdict, int status, Turn turn) {
    long now = pool.nanos();
    released(turn);
    heardNanos = now;
    boolean fault = verdict == Verdict.FAULT;
    if (verdict != Verdict.FULL) {
      pool.breaker().heard(fault, turn.pass() == PoolBreaker.Pass.TRIAL, now);
    }
    if (fault) {
      synchronized (this) {
        fault("answered " + status, turn, now);
      }
    } else if (failures != 0 || verdict == Verdict.WELL && ejection.faults() != 0 || turn.trial()) {
      synchronized (this) {
        worked(verdict, turn, now);
      }
    }
  }

  /** A request that it was given could not be answered. */
  void failed(Throwable cause, Turn turn) {
    long now = pool.nanos();
    released(turn);
    pool.breaker().heard(true, turn.pass() == PoolBreaker.Pass.TRIAL, now);
    latency.observe(Math.max(now - turn.pickedNanos(), PeakLatency.FAILURE_NANOS), now);
    String error = describe(cause);
    synchronized (this) {
      if (health == Health.UNHEALTHY || turn.pickedNanos() - changedNanos < 0) {
        return;
      }
      fault(error, turn, now);
      fail(error);
      probeNanos = now;
    }
    pool.stir();
  }

  /** Whether it was found hung since then, and still is. */
  boolean lost(long pickedNanos) {
    return hung && pickedNanos - changedNanos < 0;
  }

  /** Begins a probe if one is due. Whoever gets true owes {@link #probed}. */
  synchronized boolean beginProbe(long now) {
    if (probing || probeNanos - now > 0 && !quiet(now)) {
      return false;
    }
    probing = true;
    probeBeganNanos = now;
    return true;
  }

  /** How long the probe that has begun may take. */
  Duration probeTimeout(long now) {
    Duration usual = pool.check().timeout();
    Duration shorter = Duration.ofNanos(Math.max(fastNanos(), QUIET_PROBE_NANOS));
    return quiet(now) && shorter.compareTo(usual) < 0 ? shorter : usual;
  }

  /**
   * Nanoseconds until the next probe is due; 0 or less when it is now. A probe under way is due when it is
   * over.
   */
  synchronized long untilProbe(long now) {
    if (probing) {
      return Long.MAX_VALUE;
    }
    long left = probeNanos - now;
    return inFlight.get() == 0 ? left : Math.min(left, Math.max(0, heardNanos + fastNanos() - now));
  }

  /**
   * Ends a probe: null when it succeeded, otherwise what was wrong.
   *
   * @param silent whether what was wrong is that no answer came
   */
  synchronized void probed(@Nullable String error, boolean silent, DoubleSupplier random) {
    probing = false;
    long now = pool.nanos();
    if (error == null) {
      succeed(now);
    } else if (silent && quiet(now) && heardNanos - probeBeganNanos <= 0 && pool.hasOther(this, now)) {
      hang(now);
    } else {
      fail(error);
    }
    boolean settled = health == Health.HEALTHY && failures == 0;
    long interval = settled ? upstream.healthCheckInterval().toNanos() : fastNanos();
    probeNanos = now + (long) (interval * (1 - JITTER + 2 * JITTER * random.getAsDouble()));
    // The probe has heard it, one way or the other: it is not quiet until another fast interval has passed.
    heardNanos = now;
  }

  synchronized Standing standing() {
    long now = pool.nanos();
    CircuitBreaker.State breaker = ejection.state(now);
    Optional<Instant> until = breaker == CircuitBreaker.State.OPEN
        ? Optional.of(pool.instants().instant().plusNanos(ejection.left(now)))
        : Optional.empty();
    return new Standing(
        upstream, health, since, Optional.ofNullable(lastError), inFlight.get(), failures, successes,
        breaker, until, share(now));
  }

  /**
   * It holds requests and has answered none for a while: perhaps slow work, perhaps hung; a probe can tell.
   */
  private boolean quiet(long now) {
    return inFlight.get() > 0 && now - heardNanos >= fastNanos();
  }

  private long fastNanos() {
    Duration fast = pool.check().fastInterval();
    return Math.min(fast.toNanos(), upstream.healthCheckInterval().toNanos());
  }

  /** In per cent. */
  private int share(long now) {
    if (!warming) {
      return 100;
    }
    long passed = Math.max(0, now - warmNanos);
    long window = pool.rules().slowStart().toNanos();
    if (passed >= window) {
      warming = false;
      return 100;
    }
    return (int) Math.max(PoolRules.LEAST_SHARE, passed * 100 / window);
  }

  private void warm(long now) {
    if (!pool.rules().slowStart().isZero()) {
      warmNanos = now;
      warming = true;
    }
  }

  private void fault(String error, Turn turn, long now) {
    CircuitBreaker.State state = ejection.state(now);
    boolean open = state == CircuitBreaker.State.HALF_OPEN
        ? turn.trial()
        : state == CircuitBreaker.State.CLOSED && ejection.fault();
    lastError = error;
    if (open && pool.eject(this, now)) {
      log.warn("Upstream {} is ejected until {}: {}", uri,
          pool.instants().instant().plusNanos(ejection.left(now)), error);
    }
  }

  /** Called by the pool, which sees to it that enough others stay, under the locks of both. */
  void eject(long now) {
    ejection.open(now);
  }

  private void worked(Verdict verdict, Turn turn, long now) {
    if (health != Health.UNHEALTHY) {
      failures = 0;
    }
    if (turn.trial() && verdict != Verdict.FULL && ejection.state(now) == CircuitBreaker.State.HALF_OPEN) {
      ejection.close(now);
      warm(now);
      log.info("Upstream {} is back after its ejection", uri);
    } else if (verdict == Verdict.WELL) {
      ejection.well();
    }
  }

  private void succeed(long now) {
    failures = 0;
    successes++;
    if (health == Health.UNCHECKED) {
      enter(Health.HEALTHY, now);
      log.info("Upstream {} is healthy", uri);
    } else if (health == Health.UNHEALTHY && successes >= pool.check().healthyAfter()) {
      enter(Health.HEALTHY, now);
      warm(now);
      log.info("Upstream {} is back after {} successful probes", uri, successes);
    }
  }

  private void fail(String error) {
    successes = 0;
    failures++;
    lastError = error;
    if (health != Health.UNHEALTHY && failures >= pool.check().unhealthyAfter()) {
      enter(Health.UNHEALTHY, pool.nanos());
      log.warn("Upstream {} left the pool after {} failures: {}", uri, failures, error);
    }
  }

  private void hang(long now) {
    successes = 0;
    failures++;
    lastError = "hung: answered neither " + inFlight.get() + " requests nor a probe";
    if (health != Health.UNHEALTHY) {
      enter(Health.UNHEALTHY, now);
      log.warn("Upstream {} left the pool, {}", uri, lastError);
    }
    hung = true;
  }

  private void enter(Health to, long now) {
    health = to;
    since = pool.instants().instant();
    changedNanos = now;
    hung = false;
  }

  private static String describe(Throwable cause) {
    String message = cause.getMessage();
    String name = cause.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }
}

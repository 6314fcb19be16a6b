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
 * One backend of a pool with all that is remembered of it: its health, its turn in the balancing, its
 * requests under way. Lives as long as its URI stays in the pool, whatever happens to weight and state.
 *
 * <p>Failures of probes and of requests add up to one count; only probes bring a backend back, because an
 * unhealthy one gets no requests. What a request says of a time before the last change of health is not
 * heard: a request that hung for half a minute must not throw out a backend that recovered since.
 */
final class Member {

  private static final Logger log = LoggerFactory.getLogger(Pool.class);

  /** By how much an interval varies, so that many nodes do not probe in step: ten per cent up or down. */
  private static final double JITTER = 0.1;

  private final Pool pool;
  private final URI uri;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Smooth weighted round robin's account. Guarded by the pool. */
  long turn;

  private volatile Upstream upstream;
  private volatile Health health = Health.UNCHECKED;
  private volatile int failures;
  /**
   * When a request was last answered, or the first one given out after all were. Racy on purpose: a hint to
   * probe.
   */
  private volatile long heardNanos;

  // The rest, and every change of health and failures, is guarded by this.
  private int successes;
  private Instant since;
  private long changedNanos;
  private @Nullable String lastError;
  private boolean probing;
  private long probeNanos;

  Member(Pool pool, Upstream upstream) {
    this.pool = pool;
    this.upstream = upstream;
    uri = upstream.uri();
    since = pool.instants().instant();
    changedNanos = pool.nanos();
    probeNanos = changedNanos;
  }

  Upstream upstream() {
    return upstream;
  }

  URI uri() {
    return uri;
  }

  /** Whether it may be given a new request. */
  boolean usable() {
    return health != Health.UNHEALTHY && upstream.state() == Upstream.State.ENABLED;
  }

  int inFlight() {
    return inFlight.get();
  }

  void become(Upstream changed) {
    upstream = changed;
  }

  /** A request is given to it. */
  void taken(long now) {
    if (inFlight.getAndIncrement() == 0) {
      heardNanos = now;
    }
  }

  /** A request that it was given is over and says nothing of it. */
  void released() {
    inFlight.decrementAndGet();
  }

  /** A request that it was given was answered. */
  void answered() {
    released();
    heardNanos = pool.nanos();
    if (failures != 0) {
      synchronized (this) {
        if (health != Health.UNHEALTHY) {
          failures = 0;
        }
      }
    }
  }

  /** A request that it was given at {@code pickedNanos} could not be answered. */
  void failed(Throwable cause, long pickedNanos) {
    released();
    synchronized (this) {
      if (health == Health.UNHEALTHY || pickedNanos - changedNanos < 0) {
        return;
      }
      fail(describe(cause));
      probeNanos = pool.nanos();
    }
    pool.stir();
  }

  /** Begins a probe if one is due. Whoever gets true owes {@link #probed}. */
  synchronized boolean beginProbe(long now) {
    if (probing || probeNanos - now > 0 && !quiet(now)) {
      return false;
    }
    probing = true;
    return true;
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

  /** Ends a probe: null when it succeeded, otherwise what was wrong. */
  synchronized void probed(@Nullable String error, DoubleSupplier random) {
    probing = false;
    if (error == null) {
      succeed();
    } else {
      fail(error);
    }
    boolean settled = health == Health.HEALTHY && failures == 0;
    long interval = settled ? upstream.healthCheckInterval().toNanos() : fastNanos();
    long now = pool.nanos();
    probeNanos = now + (long) (interval * (1 - JITTER + 2 * JITTER * random.getAsDouble()));
    // The probe has heard it, one way or the other: it is not quiet until another fast interval has passed.
    heardNanos = now;
  }

  synchronized Standing standing() {
    return new Standing(
        upstream, health, since, Optional.ofNullable(lastError), inFlight.get(), failures, successes);
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

  private void succeed() {
    failures = 0;
    successes++;
    if (health == Health.UNCHECKED) {
      enter(Health.HEALTHY);
      log.info("Upstream {} is healthy", uri);
    } else if (health == Health.UNHEALTHY && successes >= pool.check().healthyAfter()) {
      enter(Health.HEALTHY);
      log.info("Upstream {} is back after {} successful probes", uri, successes);
    }
  }

  private void fail(String error) {
    successes = 0;
    failures++;
    lastError = error;
    if (health != Health.UNHEALTHY && failures >= pool.check().unhealthyAfter()) {
      enter(Health.UNHEALTHY);
      log.warn("Upstream {} left the pool after {} failures: {}", uri, failures, error);
    }
  }

  private void enter(Health to) {
    health = to;
    since = pool.instants().instant();
    changedNanos = pool.nanos();
  }

  private static String describe(Throwable cause) {
    String message = cause.getMessage();
    String name = cause.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }
}

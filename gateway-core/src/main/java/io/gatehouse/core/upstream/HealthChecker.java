package io.gatehouse.core.upstream;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes the backends of a pool for as long as it is open: each at its own interval while all is well, at the
 * fast one while it is unhealthy, unchecked, has just failed, or holds requests and answers none; at once
 * when it is new and when a request failed on it. Intervals vary by ten per cent. A backend has one probe
 * under way at the most.
 *
 * <p>Runs on daemon threads named {@code gatehouse-health}: one that watches the time and up to {@value
 * #MOST_THREADS} that wait for backends.
 */
public final class HealthChecker implements AutoCloseable {

  /** Probes that wait for an answer at the same time: {@value}. Further ones stand in line. */
  static final int MOST_THREADS = 8;

  private static final Logger log = LoggerFactory.getLogger(HealthChecker.class);

  private final Pool pool;
  private final Probe probe;
  private final Probe render;
  private final Executor executor;
  private final DoubleSupplier random;
  private @Nullable ThreadPoolExecutor threads;
  private @Nullable Thread clock;
  private volatile boolean open = true;

  /**
   * A checker without a thread, for those who have a clock of their own: they call {@link #tick}.
   *
   * @param probe asks for the path
   * @param render asks for the picture, when the check has one
   * @param executor runs probes, which wait as long as their time-out
   * @param random gives numbers from 0 to below 1, which vary the intervals
   */
  public HealthChecker(Pool pool, Probe probe, Probe render, Executor executor, DoubleSupplier random) {
    this.pool = Objects.requireNonNull(pool, "pool");
    this.probe = Objects.requireNonNull(probe, "probe");
    this.render = Objects.requireNonNull(render, "render");
    this.executor = Objects.requireNonNull(executor, "executor");
    this.random = Objects.requireNonNull(random, "random");
  }

  /** Begins to probe the pool. Whoever calls owes {@link #close}. */
  public static HealthChecker start(Pool pool, HttpProbe probe) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory factory = task -> {
      Thread thread = new Thread(task, "gatehouse-health-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
    ThreadPoolExecutor threads = new ThreadPoolExecutor(
        MOST_THREADS, MOST_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    threads.allowCoreThreadTimeOut(true);
    HealthChecker checker =
        new HealthChecker(
            pool, probe, probe.forPictures(), threads, () -> ThreadLocalRandom.current().nextDouble());
    checker.threads = threads;
    Thread clock = new Thread(checker::run, "gatehouse-health");
    clock.setDaemon(true);
    checker.clock = clock;
    pool.watch(() -> LockSupport.unpark(clock));
    clock.start();
    return checker;
  }

  /** Stops. Probes under way are interrupted; what they find is not heard. */
  @Override
  public void close() {
    open = false;
    pool.watch(() -> {});
    if (clock != null) {
      LockSupport.unpark(clock);
    }
    if (threads != null) {
      threads.shutdownNow();
    }
  }

  /** Begins the probes that are due. Returns the nanoseconds until the next one is. */
  public long tick() {
    long now = pool.nanos();
    long wait = Long.MAX_VALUE;
    for (Member member : pool.members()) {
      if (member.beginProbe(now)) {
        executor.execute(() -> probe(member));
      }
      wait = Math.min(wait, member.untilProbe(now));
    }
    return wait;
  }

  private void run() {
    while (open) {
      try {
        // Nobody tells when an idle backend gets its first requests, which it may never answer.
        LockSupport.parkNanos(this, Math.min(tick(), pool.check().fastInterval().toNanos()));
      } catch (RejectedExecutionException e) {
        // Closed between the question and the probe: the loop ends by itself.
        log.debug("Health checks stopped", e);
      }
    }
  }

  private void probe(Member member) {
    Exception failure = ask(member.uri(), member.probeTimeout(pool.nanos()));
    if (open) {
      member.probed(describe(failure), failure instanceof SocketTimeoutException, random);
      pool.stir();
    }
  }

  private @Nullable Exception ask(URI uri, Duration timeout) {
    try {
      HealthCheck check = pool.check();
      probe.check(URI.create(uri + check.path()), timeout);
      if (check.renderPath().isPresent()) {
        render.check(URI.create(uri + check.renderPath().get()), check.timeout());
      }
      return null;
    } catch (IOException e) {
      return e;
    } catch (RuntimeException e) {
      // A probe that is broken must not leave its backend waiting for an answer for ever.
      log.warn("Probe of {} broke", uri, e);
      return e;
    }
  }

  private static @Nullable String describe(@Nullable Exception failure) {
    if (failure instanceof IOException) {
      String message = failure.getMessage();
      return message == null ? failure.getClass().getSimpleName() : message;
    }
    return failure == null ? null : failure.toString();
  }
}

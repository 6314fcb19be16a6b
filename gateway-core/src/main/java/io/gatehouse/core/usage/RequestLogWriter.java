package io.gatehouse.core.usage;

import io.gatehouse.StoreException;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes requests into a {@link RequestLog}, in batches, on a thread of its own. Whoever hands one over never waits: when
 * the queue is full, because the log is away or slower than the requests, or when there are more in a second than wanted,
 * the record is dropped and counted.
 *
 * <p>A batch that the log did not take is kept and tried again, since the log takes no record twice; so an outage costs
 * what does not fit into the queue. What is in the queue is lost when the process is killed.
 *
 * <p>Any number of threads.
 */
public final class RequestLogWriter implements AutoCloseable {

  /** How many records may wait: {@value}, of about 1 kB. */
  public static final int QUEUE = 10_000;

  private static final int BATCH = 1_000;
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration FAREWELL = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(RequestLogWriter.class);

  /**
   * Which requests are wanted.
   *
   * @param share of all, 0 to 1; decided by the id of the trace, so that all nodes agree
   * @param alwaysErrors whether all are wanted that were refused or answered with 500 and more
   * @param mostPerSecond how many at the most in a second
   */
  public record Sampling(double share, boolean alwaysErrors, long mostPerSecond) {
    public Sampling {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
      }
      if (mostPerSecond < 1) {
        throw new IllegalArgumentException("mostPerSecond: " + mostPerSecond + " (expected: 1 or more)");
      }
    }
  }

  private final RequestLog requests;
  private volatile Sampling sampling;
  private final LongSupplier nanoTime;
  private final Duration pause;
  private final BlockingQueue<RequestRecord> queue;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** When the running second began, by {@link #nanoTime}, and how many records it had. */
  private final AtomicLong secondBegan;

  private final AtomicLong inSecond = new AtomicLong();

  private final Thread thread = new Thread(this::run, "gatehouse-request-log");
  private volatile boolean closing;

  /** Of the writing thread. */
  private boolean failing;

  private RequestLogWriter(
      RequestLog requests, Sampling sampling, int room, Duration pause, LongSupplier nanoTime) {
    this.requests = requests;
    this.sampling = sampling;
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.queue = new ArrayBlockingQueue<>(room);
    this.secondBegan = new AtomicLong(nanoTime.getAsLong());
  }

  /** Begins to write. */
  public static RequestLogWriter start(RequestLog requests, Sampling sampling) {
    return start(requests, sampling, QUEUE, PAUSE, System::nanoTime);
  }

  /**
   * Begins to write.
   *
   * @param room how many records may wait
   * @param pause how long after a failure, and between two looks at an empty queue
   */
  static RequestLogWriter start(
      RequestLog requests, Sampling sampling, int room, Duration pause, LongSupplier nanoTime) {
    RequestLogWriter writer = new RequestLogWriter(requests, sampling, room, pause, nanoTime);
    writer.thread.setDaemon(true);
    writer.thread.start();
    return writer;
  }

  /**
   * Whether a request is to be logged; to be asked before its record is made.
   *
   * @param traceId of its trace, or its own id when it has none
   * @param error whether it was refused, or answered with 500 or more
   */
  public boolean wants(String traceId, boolean error) {
    Sampling now = sampling;
    return error && now.alwaysErrors() || now.share() >= 1 || share(traceId) < now.share();
  }

  /** Wants others from now on. */
  public void become(Sampling changed) {
    sampling = changed;
  }

  /** Between 0 and 1, the same on every node, and even whatever the ids look like. */
  private static double share(String id) {
    long hash = 0xcbf29ce484222325L; // FNV-1a, then the finalizer of MurmurHash3
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return ((hash ^ hash >>> 33) >>> 11) * 0x1.0p-53;
  }

  /**
   * Hands a record over. Does not wait.
   *
   * @param record asked for only if it is likely to be taken: a flood of requests must not cost a record each
   * @return false when it was dropped
   */
  public boolean offer(Supplier<RequestRecord> record) {
    if (!closing && mayInThisSecond() && queue.remainingCapacity() > 0 && queue.offer(record.get())) {
      return true;
    }
    dropped.increment();
    return false;
  }

  private boolean mayInThisSecond() {
    long began = secondBegan.get();
    long now = nanoTime.getAsLong();
    if (now - began >= 1_000_000_000L && secondBegan.compareAndSet(began, now)) {
      // Whoever counted in between is forgotten: a few more in this second.
      inSecond.set(0);
    }
    return inSecond.incrementAndGet() <= sampling.mostPerSecond();
  }

  /** How many records the log has taken. */
  public long written() {
    return written.sum();
  }

  /** How many records were dropped. */
  public long dropped() {
    return dropped.sum();
  }

  private void run() {
    List<RequestRecord> batch = new ArrayList<>(BATCH);
    try {
      while (true) {
        if (batch.isEmpty() && !fill(batch)) {
          return;
        }
        if (write(batch)) {
          batch.clear();
        } else {
          TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        }
      }
    } catch (InterruptedException e) {
      // Only close does that, when its time is over.
      dropped.add(batch.size() + queue.size());
    }
  }

  /** Takes what waits. False when there is nothing and will be nothing. */
  private boolean fill(List<RequestRecord> batch) throws InterruptedException {
    while (batch.isEmpty()) {
      boolean last = closing;
      RequestRecord first = last ? queue.poll() : queue.poll(pause.toNanos(), TimeUnit.NANOSECONDS);
      if (first != null) {
        batch.add(first);
        queue.drainTo(batch, BATCH - 1);
      } else if (last) {
        return false;
      }
    }
    return true;
  }

  /** Whether the batch is done with, written or not. */
  private boolean write(List<RequestRecord> batch) {
    try {
      requests.record(List.copyOf(batch));
      written.add(batch.size());
      if (failing) {
        failing = false;
        log.info("Again: requests are logged");
      }
      return true;
    } catch (StoreException e) {
      if (!failing) {
        failing = true;
        log.warn("Not for now: requests are logged ({})", e.getMessage());
      }
      return false;
    } catch (RuntimeException e) {
      // To try again would fail again, and keep all others from being written.
      log.error("{} requests cannot be logged and are dropped", batch.size(), e);
      dropped.add(batch.size());
      return true;
    }
  }

  /** Takes no more, and writes what waits, for a few seconds at the most. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(FAREWELL.toMillis());
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(FAREWELL.toMillis());
        log.warn("Requests were not logged before the stop, {} in all since the start", dropped());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.gatehouse.jetty.live;

import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Standing;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells everybody who looks the same, as server-sent events (HTML, 9.2): {@code figures} once a second, and each
 * {@code refusal} as it comes, up to {@value #REFUSALS_A_SECOND} a second; the rest is counted in the figures. They are of
 * this node only.
 *
 * <p>At most {@value #MOST_STREAMS} look at once. Nothing waits for a reader and nothing is kept for one: who takes
 * nothing for two seconds is sent away. Every stream ends after a quarter of an hour, so that whoever looks on shows
 * again who they are.
 *
 * <p>Safe for any number of threads. The thread that tells is there from the first look until {@link #close}.
 */
public final class LiveFeed implements AutoCloseable {

  /** How many may look at once: {@value}. */
  public static final int MOST_STREAMS = 16;

  /** How many refusals are told one by one: {@value}. */
  public static final int REFUSALS_A_SECOND = 20;

  private static final Logger log = LoggerFactory.getLogger(LiveFeed.class);

  /** Refusals are told so many times between two figures. */
  private static final int LOOKS_A_SECOND = 4;
  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final LiveCounts counts;
  private final Supplier<List<Standing>> backends;
  private final Supplier<Map<String, CircuitBreaker.State>> breakers;
  private final InstantSource clock;
  private final LongSupplier nanoTime;

  /** One for each stream, from before its answer begins. */
  private final Semaphore places = new Semaphore(MOST_STREAMS);

  /** Guarded by this. */
  private final Map<LiveStream, Reader> readers = new HashMap<>();

  /** Guarded by this. */
  private boolean closed;

  /** Guarded by this; null before the first look. */
  private @Nullable ScheduledExecutorService thread;

  /** Guarded by this; null while nobody looks. */
  private @Nullable Figures figures;

  /** Guarded by this. */
  private int looks;

  private static final class Reader {
    private final long since;
    private boolean behind;
    private long behindSince;

    Reader(long now) {
      this.since = now;
    }

    void sent(boolean taken, long now) {
      if (!taken && !behind) {
        behindSince = now;
      }
      behind = !taken;
    }
  }

  /**
   * Tells nothing yet.
   *
   * @param backends how they stand at this moment
   * @param breakers how the breaker of each pool stands, by the pool's name
   */
  public LiveFeed(
      LiveCounts counts,
      Supplier<List<Standing>> backends,
      Supplier<Map<String, CircuitBreaker.State>> breakers,
      InstantSource clock) {
    this(counts, backends, breakers, clock, System::nanoTime);
  }

  LiveFeed(
      LiveCounts counts,
      Supplier<List<Standing>> backends,
      Supplier<Map<String, CircuitBreaker.State>> breakers,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.counts = Objects.requireNonNull(counts, "counts");
    this.backends = Objects.requireNonNull(backends, "backends");
    this.breakers = Objects.requireNonNull(breakers, "breakers");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
  }

  /**
   * Answers a request with a stream, which goes on when this has returned.
   *
   * @return false when too many look already; nothing was answered then
   * @throws IOException when the answer cannot be written
   */
  public boolean open(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (!places.tryAcquire()) {
      return false;
    }
    LiveStream stream;
    try {
      response.setStatus(200);
      response.setContentType("text/event-stream");
      response.setHeader("Cache-Control", "no-store");
      // nginx would wait for a buffer to fill
      response.setHeader("X-Accel-Buffering", "no");
      stream = new LiveStream(request.startAsync(), this::opened, this::gone);
    } catch (IOException | RuntimeException e) {
      places.release();
      throw e;
    }
    stream.begin();
    return true;
  }

  private synchronized void opened(LiveStream stream) {
    if (closed) {
      stream.finish();
      return;
    }
    readers.put(stream, new Reader(nanoTime.getAsLong()));
    if (figures == null) {
      figures = new Figures(counts.begin(), clock);
    }
    if (thread == null) {
      thread = Executors.newSingleThreadScheduledExecutor(LiveFeed::daemon);
      thread.scheduleAtFixedRate(this::look, 0, 1000 / LOOKS_A_SECOND, TimeUnit.MILLISECONDS);
    }
    stream.send(Figures.GREETING);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "gatehouse-live");
    thread.setDaemon(true);
    return thread;
  }

  private synchronized void gone(LiveStream stream) {
    places.release();
    readers.remove(stream);
    if (readers.isEmpty()) {
      counts.end();
      figures = null;
    }
  }

  private void look() {
    try {
      tell();
    } catch (RuntimeException e) {
      // The next look may well succeed, and an exception would end them all.
      log.warn("What happens could not be told to those who look", e);
    }
  }

  private synchronized void tell() {
    if (figures == null) {
      return;
    }
    List<byte[]> events = new ArrayList<>(figures.refusals(REFUSALS_A_SECOND / LOOKS_A_SECOND));
    looks = (looks + 1) % LOOKS_A_SECOND;
    if (looks == 0) {
      events.add(figures.figures(backends.get(), breakers.get(), readers.size()));
    }
    for (Map.Entry<LiveStream, Reader> each : List.copyOf(readers.entrySet())) {
      tell(each.getKey(), each.getValue(), events);
    }
  }

  private void tell(LiveStream stream, Reader reader, List<byte[]> events) {
    long now = nanoTime.getAsLong();
    for (byte[] event : events) {
      reader.sent(stream.send(event), now);
    }
    boolean tooSlow = reader.behind && now - reader.behindSince > PATIENCE.toNanos();
    if (tooSlow || now - reader.since > LONGEST.toNanos()) {
      stream.finish();
    }
  }

  /** Ends all streams, and opens none any more. */
  @Override
  public void close() {
    List<LiveStream> streams;
    synchronized (this) {
      closed = true;
      streams = List.copyOf(readers.keySet());
      if (thread != null) {
        thread.shutdownNow();
      }
    }
    streams.forEach(LiveStream::finish);
  }
}

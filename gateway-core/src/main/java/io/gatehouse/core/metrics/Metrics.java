package io.gatehouse.core.metrics;

import io.gatehouse.Observer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Counts requests as an observer, and asks others for the figures that they keep themselves. Any number of threads may
 * call at once; nothing blocks.
 *
 * <p>This interface needs no Micrometer. {@link #prometheus} makes one with a registry of its own, and
 * {@link MicrometerMetrics} one for a registry that is there already.
 */
public interface Metrics extends Observer, AutoCloseable {

  /**
   * How a backend is.
   *
   * @param backend its address, {@code http://127.0.0.1:48080}; no two rows have the same
   * @param pool the name of its pool, one of a few
   * @param inFlight requests that were sent to it and are not over, 0 or more
   * @param ejected whether it is out for what it answers
   * @param weight its weight now, less than the configured one while it starts slowly
   */
  record BackendRow(String backend, String pool, boolean healthy, long inFlight, boolean ejected, double weight) {}

  /** How the breaker of a pool is. */
  enum Breaker {
    /** Requests pass. */
    CLOSED,
    /** A few pass, to see whether the pool is well again. */
    HALF_OPEN,
    /** None passes. */
    OPEN
  }

  /**
   * How a pool is.
   *
   * @param pool its name, one of a few; no two rows have the same
   */
  record PoolRow(String pool, Breaker breaker) {}

  /**
   * Metrics in a registry of their own, with those of the JVM, that can be read in the format of Prometheus.
   *
   * @throws IllegalStateException when Micrometer's registry for Prometheus is not on the class path
   */
  static PrometheusMetrics prometheus() {
    try {
      return MicrometerPrometheus.create();
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "For metrics add io.micrometer:micrometer-registry-prometheus to the class path", e);
    }
  }

  /**
   * Shows the backends.
   *
   * @param rows asked at every {@link #refresh}; a backend that is no longer among them disappears. Must not block
   */
  void watchBackends(Supplier<List<BackendRow>> rows);

  /**
   * Shows the pools.
   *
   * @param rows asked at every {@link #refresh}; a pool that is no longer among them disappears. Must not block
   */
  void watchPools(Supplier<List<PoolRow>> rows);

  /**
   * Shows the WebSockets. All are asked whenever the metrics are read, and must not block; all but the first are ever
   * growing.
   *
   * @param open how many are open
   * @param opened how many were opened
   * @param bytesToBackends what clients have sent through them
   * @param bytesToClients what backends have sent through them
   */
  void watchTunnels(
      IntSupplier open, LongSupplier opened, LongSupplier bytesToBackends, LongSupplier bytesToClients);

  /**
   * Shows how often a second backend was asked besides a slow one. Both are asked whenever the metrics are read, must not
   * block, and are ever growing.
   *
   * @param begun how often
   * @param won how often that one began to answer first
   */
  void watchHedges(LongSupplier begun, LongSupplier won);

  /**
   * Shows how often imgproxy does not know the gateway's signature or secret.
   *
   * @param refusals asked whenever the metrics are read; must not block; ever growing
   */
  void watchImgproxy(LongSupplier refusals);

  /**
   * Shows where requests for images wait for their turn. All are asked whenever the metrics are read, and must not block; all
   * but the first two are ever growing.
   *
   * @param waiting how many wait
   * @param atBackends how many have had their turn and are not over
   * @param waits how many have waited before they had it
   * @param waitedNanos how long these have waited in all
   * @param turnedAway how many had none, by why: a fixed few
   */
  void watchImageQueue(IntSupplier waiting, IntSupplier atBackends, LongSupplier waits, LongSupplier waitedNanos,
      Map<String, LongSupplier> turnedAway);

  /**
   * Shows how well a cache serves.
   *
   * @param cache its name, one of a fixed few
   * @param hits how many look-ups found something, ever growing
   * @param misses how many found nothing, ever growing
   */
  void watchCache(String cache, LongSupplier hits, LongSupplier misses);

  /**
   * Shows the kept answers of backends, besides how often they serve. All are asked whenever the metrics are read, must not
   * block, and are ever growing but for the first two.
   *
   * @param bytes that they take in memory, with those that are being received
   * @param entries how many there are
   * @param stale how many were given out stale
   * @param coalesced how many requests have shared the answer to another one
   * @param evictions how many had to make room
   */
  void watchAnswers(
      LongSupplier bytes, LongSupplier entries, LongSupplier stale, LongSupplier coalesced, LongSupplier evictions);

  /** Shows how limits are decided. */
  void watchDecisions(MeteredRateLimiter limiter);

  /**
   * Shows whether a store answers.
   *
   * @param store its name, one of a fixed few: {@code database}, {@code redis}
   * @param up asked whenever the metrics are read; must not block
   */
  void watchStore(String store, BooleanSupplier up);

  /**
   * Shows how uploads fare. All are asked whenever the metrics are read, must not block, and are ever growing.
   *
   * @param outcomes how many ended in each way, by its name, one of a fixed few
   * @param bytes what was stored of them
   */
  void watchUploads(Map<String, LongSupplier> outcomes, LongSupplier bytes);

  /**
   * Shows how the log of requests fares. Asked whenever the metrics are read; must not block.
   *
   * @param written how many requests were written, ever growing
   * @param dropped how many were not, although they should have been, ever growing
   * @param ready whether the database has room for those of today and tomorrow
   */
  void watchRequestLog(LongSupplier written, LongSupplier dropped, BooleanSupplier ready);

  /**
   * Shows who is kept out. All are asked whenever the metrics are read, and must not block.
   *
   * @param blocks how many blocks are in force, by their kind, one of a fixed few
   * @param suspensions how many callers were suspended, by the cause, one of a fixed few; ever growing
   * @param dropped how often nobody was suspended for want of room, ever growing
   */
  void watchBlocks(Map<String, LongSupplier> blocks, Map<String, LongSupplier> suspensions, LongSupplier dropped);

  /**
   * Shows whether the settings could be read when that was last tried. Asked whenever the metrics are read; must not block.
   *
   * @param successful whether the last attempt has succeeded
   * @param loadedAt when those in force were read
   * @param waiting how many settings wait for a restart
   */
  void watchConfiguration(BooleanSupplier successful, Supplier<Instant> loadedAt, IntSupplier waiting);

  /** Asks for backends and pools again. To be called before the metrics are read, or now and then. */
  void refresh();

  /** Stops counting. */
  @Override
  void close();
}

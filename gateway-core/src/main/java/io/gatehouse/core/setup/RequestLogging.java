package io.gatehouse.core.setup;

import io.gatehouse.StoreException;
import io.gatehouse.core.settings.RequestLogSettings;
import io.gatehouse.core.usage.Chore;
import io.gatehouse.core.usage.RequestLogWriter;
import io.gatehouse.event.RequestLog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of requests while a gateway runs: the writer, if requests are logged, and a thread that makes room for those to
 * come and deletes old ones; the latter also when none are logged any more. Any number of threads.
 */
public final class RequestLogging implements AutoCloseable {

  private static final Duration UPKEEP_EVERY = Duration.ofMinutes(10);
  private static final Logger log = LoggerFactory.getLogger(RequestLogging.class);

  private volatile RequestLogSettings settings;
  private final RequestLog requests;
  private final InstantSource clock;
  private final @Nullable RequestLogWriter writer;
  private final Chore upkeep;

  /** True until it is known to be false. Written by the thread of the upkeep only. */
  private volatile boolean ready = true;

  private RequestLogging(RequestLogSettings settings, RequestLog requests, InstantSource clock) {
    this.settings = settings;
    this.requests = requests;
    this.clock = clock;
    this.writer = settings.enabled()
        ? RequestLogWriter.start(requests, sampling(settings))
        : null;
    this.upkeep = Chore.start("the request log is kept in order", UPKEEP_EVERY, this::keepInOrder);
  }

  /** Starts. Does not wait for the database. */
  static RequestLogging open(RequestLogSettings settings, RequestLog requests, InstantSource clock) {
    return new RequestLogging(settings, requests, clock);
  }

  private static RequestLogWriter.Sampling sampling(RequestLogSettings settings) {
    return new RequestLogWriter.Sampling(settings.sample(), settings.alwaysErrors(), settings.maxRowsPerSecond());
  }

  /** Goes by other settings; whether requests are logged at all stays as it is. */
  void become(RequestLogSettings changed) {
    settings = changed;
    if (writer != null) {
      writer.become(sampling(changed));
    }
  }

  private void keepInOrder() {
    Instant now = clock.instant();
    if (writer != null) {
      prepare(now);
    }
    requests.forget(now.minus(settings.keep()));
  }

  private void prepare(Instant now) {
    boolean before = ready;
    try {
      ready = requests.prepare(now);
    } catch (StoreException e) {
      ready = false;
      throw e;
    }
    if (before && !ready) {
      log.error("The request log has no place for the requests of today or tomorrow, and none could be made");
    }
  }

  /** Takes requests to be logged; empty when none are. */
  public Optional<RequestLogWriter> writer() {
    return Optional.ofNullable(writer);
  }

  /** Whether there is a place for the requests of today and tomorrow, as far as is known. */
  public boolean ready() {
    return ready;
  }

  /** Writes what waits, for a few seconds at the most, and stops. */
  @Override
  public void close() {
    upkeep.close();
    if (writer != null) {
      writer.close();
    }
  }
}

package io.gatehouse.jetty.proxy;

import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What answers of imgproxy speak of. Its status alone does not say: version 4 answers with the 401, 403 or 429 of a source as
 * with its own, and version 3 with 500 where the source has failed. What it says besides does, and since that is one of a few
 * sentences without names in them ({@code WithPublicMessage} in its {@code fetcher/errors.go}), its length tells them apart
 * before the body is there.
 *
 * <p>Counts the answers of those that do not know our signature, and tells of each backend once a minute: that is a fault in
 * its settings or in ours, with which every picture fails. Any number of threads.
 */
final class Imgproxy {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  /** {@code Source is unreachable}, and {@code Source image is unreachable} of older ones. */
  private static final Set<Long> OF_THE_SOURCE = Set.of(21L, 27L);

  /** {@code Forbidden}. */
  private static final long FORBIDDEN = 9;

  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** How much of all answers together is held for slow clients: an eighth of the heap. */
  private static final long MOST_HELD = Runtime.getRuntime().maxMemory() / 8;

  /** Backends come and go; all are forgotten when there are more. */
  private static final int MOST_TOLD = 1000;

  private final LongSupplier nanoTime;
  private final LongAdder refusals = new LongAdder();
  private final ReadAhead.Room room = new ReadAhead.Room(MOST_HELD);

  /** When the last line was written, by backend. */
  private final Map<URI, Long> told = new ConcurrentHashMap<>();

  Imgproxy(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** For what of its answers is held until slow clients take it. */
  ReadAhead.Room room() {
    return room;
  }

  /** How often our signature or secret was not known. Ever growing. */
  long refusals() {
    return refusals.sum();
  }

  /**
   * The status that an answer stands for: 404 where it is about the source, so that no tenant's origin speaks against a
   * backend; 500 where a backend refuses us, which is its fault, and another one may do better. Otherwise its own.
   */
  int meaning(Response answer, URI backend) {
    int status = answer.getStatus();
    if (status < HttpStatus.BAD_REQUEST_400) {
      return status;
    }
    long length = answer.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
    if (OF_THE_SOURCE.contains(length)) {
      return HttpStatus.NOT_FOUND_404;
    }
    if (status != HttpStatus.FORBIDDEN_403 && status != HttpStatus.UNAUTHORIZED_401) {
      return status;
    }
    refused(backend);
    // In other words it may be something else that stands there, and it is left in peace.
    return status == HttpStatus.FORBIDDEN_403 && length == FORBIDDEN ? HttpStatus.INTERNAL_SERVER_ERROR_500 : status;
  }

  private void refused(URI backend) {
    refusals.increment();
    long now = nanoTime.getAsLong();
    if (told.size() >= MOST_TOLD) {
      told.clear();
    }
    Long last = told.get(backend);
    boolean due = last == null ? told.putIfAbsent(backend, now) == null
        : now - last >= PAUSE_NANOS && told.replace(backend, last, now);
    if (due) {
      log.error("{} refuses what was signed for it: its key, salt or secret is another one", backend);
    }
  }
}

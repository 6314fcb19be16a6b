package io.gatehouse.jetty.log;

import io.gatehouse.Refusal;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.usage.RequestLogWriter;
import io.gatehouse.event.RequestRecord;
import java.time.InstantSource;
import java.util.Objects;

/**
 * Hands the requests that the gateway decided of, and that the sampling wants, to the writer of the request log. Any
 * number of threads; does not wait.
 */
public final class RequestLogFeed {

  /** The attribute of a request that holds the feed which is to have it. */
  public static final String ATTRIBUTE = "io.gatehouse.requestLogFeed";

  /** Of the method and of the rule, which a client and a custom gate may choose, in characters. */
  private static final int LONGEST_NAME = 200;

  private final RequestLogWriter writer;
  private final LoggedTarget targets;
  private final InstantSource clock;

  public RequestLogFeed(RequestLogWriter writer, LoggedTarget targets, InstantSource clock) {
    this.writer = Objects.requireNonNull(writer, "writer");
    this.targets = Objects.requireNonNull(targets, "targets");
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  void accept(AnsweredRequest request) {
    boolean error = request.refusal().isPresent() || request.status() >= 500;
    String trace = request.traceId().isEmpty() ? request.requestId() : request.traceId();
    if (request.decided() && writer.wants(trace, error)) {
      writer.offer(() -> record(request));
    }
  }

  private RequestRecord record(AnsweredRequest request) {
    return new RequestRecord(
        TimeOrderedId.next(clock),
        clock.instant(),
        request.requestId(),
        request.traceId(),
        request.caller(),
        request.client(),
        LoggedTarget.plain(request.method(), LONGEST_NAME),
        targets.of(request.path(), request.query()),
        request.status(),
        request.refusal().map(Refusal::reason),
        request.refusal().map(refusal -> LoggedTarget.plain(refusal.rule(), LONGEST_NAME)).orElse(""),
        request.backend(),
        request.requestBytes(),
        request.responseBytes(),
        request.elapsed());
  }
}

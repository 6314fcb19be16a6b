package io.gatehouse.event;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One request that is over: who asked for what, and how it fared. Holds personal data, the address of the client, and no
 * secret. Texts hold no control characters; what is not known is empty.
 *
 * @param id unique, and in the order of the time for people's sake; two records with the same id are the same request
 * @param at when its answer was complete, in milliseconds; finer parts are cut off
 * @param requestId the id that the client was told
 * @param traceId of the trace that it belongs to (W3C Trace Context)
 * @param caller who called; empty when nobody was recognised
 * @param client the address of the client
 * @param method as sent
 * @param target the path as received, cut to {@value #LONGEST_TARGET} characters; with the query where that is wanted
 * @param status the status sent to the client, 0 to 599; 0 when none was sent
 * @param reason why it was refused; empty when it was admitted
 * @param rule the limit, quota or list that bound; empty when none did
 * @param backend the address of the backend that had it last; empty when none had
 * @param requestBytes bytes of request body read, 0 or more
 * @param responseBytes bytes of response body written, 0 or more
 * @param elapsed from its beginning to the end of its answer
 */
public record RequestRecord(
    String id,
    Instant at,
    String requestId,
    String traceId,
    Optional<Subject> caller,
    String client,
    String method,
    String target,
    int status,
    Optional<Refusal.Reason> reason,
    String rule,
    String backend,
    long requestBytes,
    long responseBytes,
    Duration elapsed) {

  /** The most characters of a target: {@value}. */
  public static final int LONGEST_TARGET = 1024;

  public RequestRecord {
    Objects.requireNonNull(id, "id");
    at = Instant.ofEpochMilli(at.toEpochMilli());
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(traceId, "traceId");
    Objects.requireNonNull(caller, "caller");
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(method, "method");
    if (target.length() > LONGEST_TARGET) {
      target = target.substring(0, LONGEST_TARGET);
    }
    if (status < 0 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 0 to 599)");
    }
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(backend, "backend");
    if (requestBytes < 0 || responseBytes < 0) {
      throw new IllegalArgumentException(
          "requestBytes, responseBytes: " + requestBytes + ", " + responseBytes + " (expected: 0 or more)");
    }
    if (elapsed.isNegative()) {
      throw new IllegalArgumentException("elapsed: " + elapsed + " (expected: zero or more)");
    }
  }
}

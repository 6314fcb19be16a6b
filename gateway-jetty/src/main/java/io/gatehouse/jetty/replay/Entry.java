package io.gatehouse.jetty.replay;

import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.Subject;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One request as a log tells it; also as the gates see it, without fields and without a body.
 *
 * @param end when the line was written
 * @param caller who called; empty when the log does not say
 * @param refused why it was refused, as in the access line; empty when it was not, or the log does not say
 * @param own whether the line is one of Gatehouse's own, which names callers where they are known
 * @param forwarded whether a backend had it
 */
record Entry(
    Instant end,
    Duration elapsed,
    String method,
    String target,
    InetAddress clientAddress,
    Optional<Subject> caller,
    int status,
    String refused,
    boolean own,
    boolean forwarded,
    long requestBytes,
    long responseBytes,
    Outcome.Ending ending)
    implements Inbound {

  /** The most characters of a target that are kept. */
  private static final int LONGEST_TARGET = 1024;

  Entry {
    target = target.length() > LONGEST_TARGET ? target.substring(0, LONGEST_TARGET) : target;
  }

  /** When it was decided. */
  Instant begin() {
    return end.minus(elapsed);
  }

  /** Whether it was refused by a limit or a quota. */
  boolean limited() {
    return refused.isEmpty()
        ? status == 429 && !forwarded
        : refused.equals("rate_limited") || refused.equals("quota_exhausted");
  }

  /** Whether it was refused for another reason than limits and quotas, before they were asked. */
  boolean stopped() {
    return own && !forwarded && !limited() && (!refused.isEmpty() || status == 401 || status == 403);
  }

  /** Whether it was refused at all. */
  boolean wasRefused() {
    return limited() || stopped();
  }

  Outcome outcome() {
    return new Outcome(wasRefused() ? 200 : status, requestBytes, wasRefused() ? 0 : responseBytes, elapsed, ending);
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.empty();
  }

  @Override
  public List<String> headers(String name) {
    return List.of();
  }

  @Override
  public long contentLength() {
    return requestBytes;
  }
}

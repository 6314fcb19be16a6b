package io.gatehouse;

import java.time.Duration;
import java.util.Objects;

/**
 * How an admitted request ended.
 *
 * @param status the status sent to the client, 100 to 599; 0 when the client left before one was sent
 * @param requestBytes bytes of request body read, 0 or more
 * @param responseBytes bytes of response body written, 0 or more; of an aborted answer, what had been written
 * @param elapsed from admission to the end
 * @param ending who ended it
 * @param pixels of the image that was made, width times height; 0 when none was, or it is not known
 */
public record Outcome(
    int status, long requestBytes, long responseBytes, Duration elapsed, Ending ending, long pixels) {

  /** Who ended a request. */
  public enum Ending {
    /** The application or backend answered, whatever the status. */
    ANSWERED,
    /** The gateway answered with what it keeps, and such answers are free. Nothing is charged for it. */
    KEPT,
    /** No backend could answer and the gateway did so in its place: 502, 503, 504. Nothing is charged for it. */
    UNANSWERED,
    /** The client left, or the answer broke off after it had begun. */
    ABORTED
  }

  public Outcome {
    if (status != 0 && (status < 100 || status > 599)) {
      throw new IllegalArgumentException("status: " + status + " (expected: 0, or 100 to 599)");
    }
    if (requestBytes < 0 || responseBytes < 0) {
      throw new IllegalArgumentException(
          "requestBytes, responseBytes: " + requestBytes + ", " + responseBytes + " (expected: 0 or more)");
    }
    Objects.requireNonNull(elapsed, "elapsed");
    Objects.requireNonNull(ending, "ending");
    if (pixels < 0) {
      throw new IllegalArgumentException("pixels: " + pixels + " (expected: 0 or more)");
    }
  }

  /** Without an image. */
  public Outcome(int status, long requestBytes, long responseBytes, Duration elapsed, Ending ending) {
    this(status, requestBytes, responseBytes, elapsed, ending, 0);
  }
}

package io.gatehouse.event;

/**
 * What was transferred in some time, summed up.
 *
 * @param requests admitted requests that are over, 0 or more
 * @param requestBytes bytes of request bodies, 0 or more
 * @param responseBytes bytes of response bodies, 0 or more
 * @param errors those of the requests that ended with a status of 500 or more, or were aborted; 0 or more
 */
public record Traffic(long requests, long requestBytes, long responseBytes, long errors) {

  /** Nothing. */
  public static final Traffic NONE = new Traffic(0, 0, 0, 0);

  public Traffic {
    if (requests < 0 || requestBytes < 0 || responseBytes < 0 || errors < 0) {
      throw new IllegalArgumentException(
          "traffic: " + requests + ", " + requestBytes + ", " + responseBytes + ", " + errors
              + " (expected: 0 or more each)");
    }
  }

  public Traffic plus(Traffic other) {
    return new Traffic(
        requests + other.requests,
        requestBytes + other.requestBytes,
        responseBytes + other.responseBytes,
        errors + other.errors);
  }

  /** The larger of both, number by number. */
  public Traffic larger(Traffic other) {
    return new Traffic(
        Math.max(requests, other.requests),
        Math.max(requestBytes, other.requestBytes),
        Math.max(responseBytes, other.responseBytes),
        Math.max(errors, other.errors));
  }
}

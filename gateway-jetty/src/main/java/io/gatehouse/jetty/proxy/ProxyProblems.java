package io.gatehouse.jetty.proxy;

import io.gatehouse.jetty.problem.Problem;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** What the proxy answers in the place of a backend, once a request is on its way. */
final class ProxyProblems {

  static final Problem NO_BACKEND = unavailable("No backend can take the request now.");

  static final Problem NO_ROUTE =
      Problem.of(404, "no-route", "No route", "There is no route for this host, path and method.");

  /** The client wants no backend to be asked (RFC 9111, 5.2.1.7). */
  static final Problem NOT_CACHED =
      Problem.of(504, "not-cached", "Not cached", "There is no kept answer to give, and no backend may be asked.");

  /** The client stopped in the middle of its body, or drips it. */
  static final Problem BODY_LATE =
      Problem.of(408, "request-timeout", "Request timeout", "The body did not come in time.");

  static final Problem BODY_MALFORMED =
      Problem.of(400, "bad-request", "Bad request", "The body is not framed as it should be.");

  static final Problem QUEUE_FULL = reduced("Too many requests wait for a backend.");

  static final Problem QUEUE_SLOW = reduced("No backend had time for the request soon enough.");

  private static final Problem BUSY = unavailable("Every backend is busy.");

  private static final Problem LATE =
      Problem.of(504, "gateway-timeout", "Gateway timeout", "The backend did not answer in time.");

  private static final Problem BAD =
      Problem.of(502, "bad-gateway", "Bad gateway", "The backend could not be reached or gave no valid answer.");

  private ProxyProblems() {}

  /** No backend answered. */
  static Problem unanswered(Throwable cause) {
    if (cause instanceof RejectedExecutionException) {
      return BUSY;
    }
    return Attempt.late(cause) ? LATE : BAD;
  }

  /**
   * What is answered in the place of imgproxy when it speaks of itself, by what its answer stands for: 401 or 403,
   * that it does not know our signature or secret, and is not imgproxy perhaps; 429, that its queue is full; 500, that it failed; 503, that a picture took too long.
   * Null for all else, which is about the picture.
   */
  static @Nullable Problem ofImgproxy(int status) {
    return switch (status) {
      case 401, 403, 500 -> BAD;
      case 429 -> reduced("All backends have as many pictures to make as they take.");
      case 503 -> LATE;
      default -> null;
    };
  }

  static Problem tooLarge(long most) {
    return Problem.of(413, "content-too-large", "Content too large", "The body may have " + most + " bytes.");
  }

  private static Problem reduced(String detail) {
    return Problem.of(503, Problem.TEMPORARY_REDUCED_CAPACITY, "Temporarily reduced capacity", detail);
  }

  private static Problem unavailable(String detail) {
    return Problem.of(503, "no-healthy-backend", "No healthy backend", detail);
  }
}

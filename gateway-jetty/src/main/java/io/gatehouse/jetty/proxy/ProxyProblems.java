package io.gatehouse.jetty.proxy;

import io.gatehouse.jetty.problem.Problem;
import java.util.concurrent.RejectedExecutionException;

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

  static Problem tooLarge(long most) {
    return Problem.of(413, "content-too-large", "Content too large", "The body may have " + most + " bytes.");
  }

  private static Problem unavailable(String detail) {
    return Problem.of(503, "no-healthy-backend", "No healthy backend", detail);
  }
}

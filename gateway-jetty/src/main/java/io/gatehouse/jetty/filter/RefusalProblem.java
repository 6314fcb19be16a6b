package io.gatehouse.jetty.filter;

import io.gatehouse.Refusal;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** How each kind of refusal looks in HTTP: status, problem type, and the fields that go with it. */
final class RefusalProblem {

  private static final String CHALLENGE = "Bearer realm=\"gatehouse\"";

  private RefusalProblem() {}

  static void send(Refusal refusal, HttpServletResponse response) throws IOException {
    Problem problem = of(refusal);
    if (problem.status() == HttpServletResponse.SC_UNAUTHORIZED) {
      // RFC 9110, 11.6.1: a 401 names a scheme that would help; RFC 6750, 3.1: an error only if a token was sent.
      boolean sent = refusal.reason() != Refusal.Reason.KEY_MISSING;
      response.setHeader("WWW-Authenticate", sent ? CHALLENGE + ", error=\"invalid_token\"" : CHALLENGE);
    } else if (refusal.reason() == Refusal.Reason.SCOPE_MISSING) {
      response.setHeader("WWW-Authenticate", CHALLENGE + ", error=\"insufficient_scope\"");
    }
    if (!refusal.retryAfter().isZero()) {
      response.setHeader("Retry-After", Long.toString(seconds(refusal.retryAfter())));
    }
    problem.send(response);
  }

  private static Problem of(Refusal refusal) {
    String detail = refusal.detail();
    return switch (refusal.reason()) {
      case BAD_REQUEST -> Problem.of(400, "bad-request", "Bad request", detail);
      case KEY_MISSING -> Problem.of(401, "key-missing", "No API key", detail);
      case KEY_MALFORMED -> Problem.of(401, "key-malformed", "Malformed API key", detail);
      case KEY_UNKNOWN -> Problem.of(401, "key-invalid", "Invalid API key", detail);
      case KEY_DISABLED -> Problem.of(401, "key-disabled", "Disabled API key", detail);
      case KEY_EXPIRED -> Problem.of(401, "key-expired", "Expired API key", detail);
      case SIGNATURE_INVALID -> Problem.of(403, "signature-invalid", "Invalid signature", detail);
      case URL_EXPIRED -> Problem.of(410, "url-expired", "Expired URL", detail);
      case ADDRESS_FORBIDDEN -> Problem.of(403, "address-forbidden", "Address not allowed", detail);
      case SCOPE_MISSING -> Problem.of(403, "scope-missing", "Scope missing", detail);
      case NO_ROUTE -> Problem.of(404, "no-route", "No route", detail);
      case BLOCKED -> Problem.of(403, "blocked", "Blocked", detail);
      case FORBIDDEN -> Problem.of(403, "forbidden", "Forbidden", detail);
      case IMAGE_FORBIDDEN ->
          Problem.of(403, "image-forbidden", "Image not allowed", detail)
              .with("violated-policies", List.of(refusal.rule()));
      case RATE_LIMITED -> limited(429, refusal, "rate-limit-exceeded", "Rate limit exceeded");
      case REDUCED_CAPACITY ->
          limited(503, refusal, Problem.TEMPORARY_REDUCED_CAPACITY, "Temporarily reduced capacity");
      case ABNORMAL_USAGE -> limited(429, refusal, Problem.ABNORMAL_USAGE_DETECTED, "Abnormal usage detected");
      case QUOTA_EXHAUSTED -> limited(429, refusal, Problem.QUOTA_EXCEEDED, "Quota exceeded");
      case STORAGE_EXHAUSTED ->
          Problem.of(403, "storage-quota-exceeded", "Storage quota exceeded", detail)
              .with("violated-policies", List.of(refusal.rule()));
      case STORE_UNAVAILABLE -> Problem.of(503, "store-unavailable", "Temporarily unavailable", detail);
    };
  }

  private static Problem limited(int status, Refusal refusal, String type, String title) {
    return Problem.of(status, type, title, refusal.detail())
        .with("violated-policies", List.of(refusal.rule()))
        .with("retry-after", seconds(refusal.retryAfter()));
  }

  /** Rounded up, and never 0: a client told to wait no time at all comes back too early. */
  private static long seconds(Duration wait) {
    return Math.max(1, wait.toSeconds() + (wait.toNanosPart() == 0 ? 0 : 1));
  }
}

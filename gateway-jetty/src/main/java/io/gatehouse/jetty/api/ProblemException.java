package io.gatehouse.jetty.api;

import io.gatehouse.admin.Role;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** An answer that says no, on its way to the servlet, which sends it. Has no stack trace. */
public final class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Problem problem;
  private final transient Map<String, String> headers;

  public ProblemException(Problem problem) {
    this(problem, Map.of());
  }

  private ProblemException(Problem problem, Map<String, String> headers) {
    super(null, null, false, false);
    this.problem = problem;
    this.headers = headers;
  }

  /** The same with one more header field. */
  public ProblemException with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new ProblemException(problem, more);
  }

  public int status() {
    return problem.status();
  }

  public Map<String, String> headers() {
    return headers;
  }

  public Problem problem() {
    return problem;
  }

  public void send(HttpServletResponse response) throws IOException {
    headers.forEach(response::setHeader);
    problem.send(response);
  }

  /** The same for a missing and for a wrong token: which of the two it was is nobody's business. */
  public static ProblemException unauthorized() {
    return new ProblemException(
        Problem.of(
            401,
            "admin-token-invalid",
            "Not an administrator",
            "Send the administrator's token as \"Authorization: Bearer <token>\"."))
        .with("WWW-Authenticate", "Bearer realm=\"gatehouse admin\"");
  }

  /** After too many wrong tokens from one address, whether this one is right or wrong. */
  public static ProblemException tooManyFailures(Duration retryAfter) {
    long seconds = Math.max(1, retryAfter.toSeconds() + (retryAfter.toNanosPart() == 0 ? 0 : 1));
    return new ProblemException(
        Problem.of(
            429,
            "admin-failures-exceeded",
            "Too many wrong tokens",
            "This address has sent too many wrong tokens; wait " + seconds + " s."))
        .with("Retry-After", Long.toString(seconds));
  }

  /** For an operation that the role has no part in. */
  public static ProblemException forbidden(Set<Role> roles) {
    String expected = roles.stream().sorted().map(FieldTypes::nameOf).collect(Collectors.joining(", "));
    return new ProblemException(
        Problem.of(403, "role-insufficient", "Role insufficient", "This takes another role (expected: " + expected + ")."));
  }

  public static ProblemException notFound(String detail) {
    return new ProblemException(Problem.of(404, "not-found", "Not found", detail));
  }

  public static ProblemException methodNotAllowed(String allow) {
    return new ProblemException(
        Problem.of(405, "method-not-allowed", "Method not allowed", "This path answers " + allow + "."))
        .with("Allow", allow);
  }

  public static ProblemException nameTaken(String name) {
    return new ProblemException(
        Problem.of(409, "name-taken", "Name taken", "There is a user named \"" + name + "\" already."));
  }
}

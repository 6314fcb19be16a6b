package io.gatehouse.jetty.admin;

import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer that says no, on its way to the servlet, which sends it. Has no stack trace. */
final class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Problem problem;
  private final transient Map<String, String> headers;

  ProblemException(Problem problem) {
    this(problem, Map.of());
  }

  private ProblemException(Problem problem, Map<String, String> headers) {
    super(null, null, false, false);
    this.problem = problem;
    this.headers = headers;
  }

  /** The same with one more header field. */
  ProblemException with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new ProblemException(problem, more);
  }

  void send(HttpServletResponse response) throws IOException {
    headers.forEach(response::setHeader);
    problem.send(response);
  }

  /** The same for a missing and for a wrong token: which of the two it was is nobody's business. */
  static ProblemException unauthorized() {
    return new ProblemException(
        Problem.of(
            401,
            "admin-token-invalid",
            "Not an administrator",
            "Send the administrator's token as \"Authorization: Bearer <token>\"."))
        .with("WWW-Authenticate", "Bearer realm=\"gatehouse admin\"");
  }

  static ProblemException notFound(String detail) {
    return new ProblemException(Problem.of(404, "not-found", "Not found", detail));
  }

  static ProblemException methodNotAllowed(String allow) {
    return new ProblemException(
        Problem.of(405, "method-not-allowed", "Method not allowed", "This path answers " + allow + "."))
        .with("Allow", allow);
  }

  static ProblemException nameTaken(String name) {
    return new ProblemException(
        Problem.of(409, "name-taken", "Name taken", "There is a user named \"" + name + "\" already."));
  }
}

package io.gatehouse.jetty.server;

import io.gatehouse.jetty.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns every error that the server itself answers (a request that cannot be read, a header block that is too large, an
 * exception nobody caught) into a problem document that says no more than the status does.
 */
final class ProblemErrors extends ErrorHandler {

  private static final HttpField JSON = new HttpField(HttpHeader.CONTENT_TYPE, "application/problem+json");
  private static final Set<Integer> UNREADABLE = Set.of(400, 408, 414, 417, 431, 505);
  private static final Logger log = LoggerFactory.getLogger(ProblemErrors.class);

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    if (cause instanceof EofException) {
      // Whoever resets streams as fast as it can must not fill the log.
      log.debug("A client left before its request was looked at", cause);
    } else if (code == HttpStatus.INTERNAL_SERVER_ERROR_500 && cause != null) {
      log.error("A request ended in an error that nobody handled", cause);
    }
    Problem problem = problem(code);
    response.setStatus(problem.status());
    if (UNREADABLE.contains(problem.status())
        && request.getConnectionMetaData().getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion()) {
      // Nobody knows what the bytes behind such a request are (RFC 9112, 9.6).
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    response.getHeaders().put(JSON);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    byte[] body = problem.json().getBytes(StandardCharsets.UTF_8);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  private static Problem problem(int code) {
    return switch (code) {
      case 400 -> Problem.of(400, "bad-request", "Bad request", "The request cannot be read.");
      case 404 -> Problem.of(404, "not-found", "Not found", "There is nothing at this path.");
      case 405 -> Problem.of(405, "method-not-allowed", "Method not allowed", "This path has no such method.");
      case 408 -> Problem.of(408, "request-timeout", "Request timeout", "The request did not arrive in time.");
      case 413 -> Problem.of(413, "content-too-large", "Content too large", "The body is larger than allowed.");
      case 414 -> Problem.of(414, "uri-too-long", "URI too long", "The request target is longer than allowed.");
      case 417 -> Problem.of(417, "expectation-failed", "Expectation failed", "The expectation cannot be met.");
      case 431 ->
          Problem.of(431, "header-fields-too-large", "Header fields too large", "The header is larger than allowed.");
      case 500 -> Problem.of(500, "internal-error", "Internal error", "The gateway could not handle the request.");
      case 503 -> Problem.of(503, "unavailable", "Unavailable", "The gateway does not take requests at the moment.");
      // Jetty says 426 to HTTP/2.0 where it does not speak it, and would have to say to what (RFC 9110, 15.5.22).
      case 426, 505 -> Problem.of(505, "version-not-supported", "HTTP version not supported", "Use HTTP/1.1 or HTTP/2.");
      default -> Problem.of(code, "status-" + code, HttpStatus.getMessage(code), HttpStatus.getMessage(code) + ".");
    };
  }
}

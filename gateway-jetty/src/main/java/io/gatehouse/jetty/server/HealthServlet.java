package io.gatehouse.jetty.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Says how the gateway is: {@code /health} and {@code /health/live} are 200 while the process works, {@code /health/ready}
 * is 503 while it drains, {@code /health/backends} tells how the backends stand. Never limited, never authenticated; only
 * administrators see addresses and errors of backends.
 */
final class HealthServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final transient BooleanSupplier ready;
  private final transient Supplier<List<Standing>> backends;
  private final transient Supplier<CircuitBreaker.State> breaker;
  private final transient Predicate<HttpServletRequest> administrator;

  HealthServlet(
      BooleanSupplier ready,
      Supplier<List<Standing>> backends,
      Supplier<CircuitBreaker.State> breaker,
      Predicate<HttpServletRequest> administrator) {
    this.ready = ready;
    this.backends = backends;
    this.breaker = breaker;
    this.administrator = administrator;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
    switch (request.getRequestURI()) {
      case "/health/ready" -> {
        boolean is = ready.getAsBoolean();
        send(response, is ? 200 : 503, JSON.createObjectNode().put("status", is ? "ready" : "draining"));
      }
      case "/health/backends" -> send(response, 200, backends(administrator.test(request)));
      default -> send(response, 200, JSON.createObjectNode().put("status", "up"));
    }
  }

  @Override
  public void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (request.getMethod().equals("GET") || request.getMethod().equals("HEAD")) {
      doGet(request, response);
    } else {
      response.setHeader("Allow", "GET, HEAD");
      Problem.of(405, "method-not-allowed", "Method not allowed", "This path can only be read.").send(response);
    }
  }

  private ObjectNode backends(boolean details) {
    List<Standing> standings = backends.get();
    long usable = standings.stream().filter(Standing::usable).count();
    ObjectNode json =
        JSON.createObjectNode()
            .put("status", usable == standings.size() ? "healthy" : usable == 0 ? "unhealthy" : "degraded")
            .put("backends_total", standings.size())
            .put("backends_usable", usable)
            .put("breaker", breaker.get().name().toLowerCase(Locale.ROOT));
    if (details) {
      ArrayNode rows = json.putArray("backends");
      standings.forEach(standing -> row(rows.addObject(), standing));
    }
    return json;
  }

  private static void row(ObjectNode row, Standing standing) {
    row.put("url", standing.upstream().uri().toString())
        .put("weight", standing.upstream().weight())
        .put("state", standing.upstream().state().name().toLowerCase(Locale.ROOT))
        .put("health", standing.health().name().toLowerCase(Locale.ROOT))
        .put("since", standing.since().toString())
        .put("breaker", standing.breaker().name().toLowerCase(Locale.ROOT))
        .put("ejected_until", standing.ejectedUntil().map(Instant::toString).orElse(null))
        .put("share", standing.share())
        .put("in_flight", standing.inFlight())
        .put("failures", standing.failures())
        .put("successes", standing.successes())
        .put("last_error", standing.lastError().orElse(null));
  }

  private static void send(HttpServletResponse response, int status, ObjectNode json) throws IOException {
    byte[] body = JSON.writeValueAsBytes(json);
    response.setStatus(status);
    response.setContentType("application/json");
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}

package io.gatehouse.jetty.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.setup.Pools;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Says how the gateway is: {@code /health} and {@code /health/live} are 200 while the process works, {@code /health/ready}
 * is 503 while it drains, {@code /health/backends} tells how the backends stand. Never limited, never authenticated; only
 * administrators see addresses and errors of backends.
 */
final class HealthServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Each lets less pass than the one before. */
  private static final List<CircuitBreaker.State> BREAKERS =
      List.of(CircuitBreaker.State.CLOSED, CircuitBreaker.State.HALF_OPEN, CircuitBreaker.State.OPEN);

  private final transient BooleanSupplier ready;
  private final transient Pools pools;
  private final transient Predicate<HttpServletRequest> administrator;

  HealthServlet(BooleanSupplier ready, Pools pools, Predicate<HttpServletRequest> administrator) {
    this.ready = ready;
    this.pools = pools;
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
    List<Standing> standings = pools.standings();
    ObjectNode json = summary(JSON.createObjectNode(), standings).put("breaker", breaker());
    if (details) {
      ArrayNode rows = json.putArray("pools");
      pools.all().forEach(
          entry ->
              summary(rows.addObject().put("pool", entry.name()), entry.pool().standings())
                  .put("breaker", lower(entry.pool().breakerState())));
      ArrayNode each = json.putArray("backends");
      standings.forEach(standing -> row(each.addObject(), standing));
    }
    return json;
  }

  private static ObjectNode summary(ObjectNode json, List<Standing> standings) {
    long usable = standings.stream().filter(Standing::usable).count();
    return json.put("status", usable == standings.size() ? "healthy" : usable == 0 ? "unhealthy" : "degraded")
        .put("backends_total", standings.size())
        .put("backends_usable", usable);
  }

  /** The state of that breaker which lets the least pass. */
  private String breaker() {
    return pools.all().stream().map(entry -> entry.pool().breakerState())
        .max(Comparator.comparing(BREAKERS::indexOf)).map(HealthServlet::lower).orElseThrow();
  }

  private static String lower(CircuitBreaker.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static void row(ObjectNode row, Standing standing) {
    row.put("url", standing.upstream().uri().toString())
        .put("pool", standing.upstream().pool())
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

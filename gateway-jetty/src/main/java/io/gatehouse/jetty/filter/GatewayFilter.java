package io.gatehouse.jetty.filter;

import io.gatehouse.Admission;
import io.gatehouse.Gateway;
import io.gatehouse.Outcome;
import io.gatehouse.Refusal;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link Gateway} in front of a servlet, in any servlet container of version 6.0 or later. A refused request is
 * answered with a problem document and never reaches the servlet; an admitted one goes on, and is completed exactly once
 * when its answer is complete, also when the servlet answers asynchronously.
 *
 * <p>What is behind finds in the request's attributes: {@value #INBOUND} (the {@link io.gatehouse.Inbound} that was
 * admitted), {@value #SUBJECT} (the {@link io.gatehouse.Subject} who calls, absent for anonymous requests), and
 * {@value #SHADOW} (the names of the rules in the shadow that would have refused, with commas; absent when none would). It
 * may set {@value #ENDING} (an {@link Outcome.Ending}) to say that no backend answered or that an answer broke off, and
 * run {@value #WHEN_OVER} (a {@link Runnable}) when the request is over: containers that cut a connection do not always
 * tell an {@link AsyncListener}. If it sets {@value #TUNNEL} (a {@code Consumer<Consumer<Outcome>>}) before the answer is
 * complete, the request is completed when that tells its consumer of the outcome: a connection that went on as something
 * else is over later than its first answer.
 *
 * <p>Must be mapped for REQUEST dispatches and support async. {@code Gateway.admit} runs on the container's thread and
 * may block as the gateway's stores do.
 */
public final class GatewayFilter extends HttpFilter {

  /** Attribute: {@value}. */
  public static final String INBOUND = "io.gatehouse.Inbound";

  /** Attribute: {@value}. */
  public static final String SUBJECT = "io.gatehouse.Subject";

  /** Attribute: {@value}. */
  public static final String ENDING = "io.gatehouse.Outcome.Ending";

  /** Attribute: {@value}. */
  public static final String WHEN_OVER = "io.gatehouse.whenOver";

  /** Attribute: {@value}. */
  public static final String SHADOW = "io.gatehouse.shadow";

  /** Attribute: {@value}. */
  public static final String TUNNEL = "io.gatehouse.tunnel";

  private static final long serialVersionUID = 1L;

  private final transient Gateway gateway;
  private final transient TrustedProxies proxies;

  public GatewayFilter(Gateway gateway, TrustedProxies proxies) {
    this.gateway = Objects.requireNonNull(gateway, "gateway");
    this.proxies = Objects.requireNonNull(proxies, "proxies");
  }

  @Override
  protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (DotSegments.in(request.getRequestURI())) {
      RefusalProblem.send(
          Refusal.of(Refusal.Reason.BAD_REQUEST, "The path contains dot segments, plain or encoded."), response);
      return;
    }
    long begin = System.nanoTime();
    ServletInbound inbound = new ServletInbound(request, proxies.clientOf(request));
    Admission admission = gateway.admit(inbound);
    if (admission instanceof Admission.Refused refused) {
      refused.responseHeaders().forEach(response::setHeader);
      RefusalProblem.send(refused.refusal(), response);
      return;
    }
    Admission.Admitted admitted = (Admission.Admitted) admission;
    request.setAttribute(INBOUND, inbound);
    admitted.subject().ifPresent(subject -> request.setAttribute(SUBJECT, subject));
    if (!admitted.shadowRefusals().isEmpty()) {
      request.setAttribute(
          SHADOW, admitted.shadowRefusals().stream().map(Refusal::rule).collect(Collectors.joining(",")));
    }
    CountingResponse counting = new CountingResponse(response, admitted.responseHeaders());
    proceed(new Exchange(admitted, new CountingRequest(request, counting), counting, begin), chain);
  }

  private static void proceed(Exchange exchange, FilterChain chain) throws IOException, ServletException {
    exchange.request().setAttribute(WHEN_OVER, (Runnable) exchange::end);
    Throwable failure = null;
    try {
      chain.doFilter(exchange.request(), exchange.response());
    } catch (IOException | ServletException | RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      if (exchange.request().isAsyncStarted()) {
        exchange.request().getAsyncContext().addListener(new Completion(exchange));
      } else if (failure == null) {
        exchange.end();
      } else {
        exchange.fail(failure);
      }
    }
  }

  /** One admitted request and what is counted of it. */
  private record Exchange(
      Admission.Admitted admitted, CountingRequest request, CountingResponse response, long begin) {

    void end() {
      response.addLateHeaders();
      if (request.getAttribute(TUNNEL) instanceof Consumer<?> tunnel) {
        outlast(tunnel);
      } else {
        complete(response.getStatus(), Outcome.Ending.ANSWERED);
      }
    }

    /** Keeps nothing that belongs to the container, which uses request and response again. */
    @SuppressWarnings("unchecked")
    private void outlast(Consumer<?> tunnel) {
      if (request.getAttribute(INBOUND) instanceof ServletInbound inbound) {
        inbound.keep();
      }
      Admission.Admitted ending = admitted;
      long from = begin;
      ((Consumer<Consumer<Outcome>>) tunnel)
          .accept(
              outcome ->
                  ending.complete(
                      new Outcome(
                          outcome.status(),
                          outcome.requestBytes(),
                          outcome.responseBytes(),
                          Duration.ofNanos(System.nanoTime() - from),
                          outcome.ending())));
    }

    void fail(@Nullable Throwable cause) {
      if (response.isCommitted()) {
        complete(response.getStatus(), Outcome.Ending.ABORTED);
      } else {
        // The container answers 500, if the client is still there; Tomcat with what was written, Jetty without.
        complete(
            HttpServletResponse.SC_INTERNAL_SERVER_ERROR,
            cause instanceof IOException ? Outcome.Ending.ABORTED : Outcome.Ending.ANSWERED);
      }
    }

    private void complete(int status, Outcome.Ending otherwise) {
      // No body is sent in answer to HEAD, whatever the servlet writes (RFC 9110, 9.3.2).
      long responseBytes = request.getMethod().equals("HEAD") ? 0 : response.bytes();
      Outcome.Ending ending = request.getAttribute(ENDING) instanceof Outcome.Ending stated ? stated : otherwise;
      Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
      admitted.complete(new Outcome(status, request.bytes(), responseBytes, elapsed, ending));
    }
  }

  private record Completion(Exchange exchange) implements AsyncListener {

    @Override
    public void onComplete(AsyncEvent event) {
      exchange.end();
    }

    @Override
    public void onError(AsyncEvent event) {
      exchange.fail(event.getThrowable());
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      // The container goes on to an error dispatch and to onComplete, where the status is known.
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }
}

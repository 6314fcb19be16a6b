package io.gatehouse.jetty.filter;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link Gateway} in front of a servlet, in any servlet container of version 6.0 or later. A refused request is
 * answered with a problem document and never reaches the servlet; an admitted one goes on, and is completed exactly once
 * when its answer is complete, also when the servlet answers asynchronously.
 *
 * <p>What is behind finds in the request's attributes: {@value #INBOUND} (the {@link io.gatehouse.Inbound} that was
 * admitted), {@value #SUBJECT} (the {@link io.gatehouse.Subject} who calls, absent for anonymous requests),
 * {@value #FORWARDED_SCHEME} and {@value #FORWARDED_HOST} (what a trusted proxy says of them, absent otherwise),
 * {@value #ROUTE} (the name of the route that was stated, absent when none was),
 * {@value #DISPATCH} (the {@link io.gatehouse.Dispatch} where a gate has said how the request goes on),
 * {@value #ENTITLEMENT} (the {@link Entitlement} of a caller who belongs to a tenant or is on a plan with options, if the
 * gateway tells it), and
 * {@value #SHADOW} (the names of the rules in the shadow that would have refused, with commas; absent when none would). It
 * may set {@value #ENDING} (an {@link Outcome.Ending}) to say that no backend answered or that an answer broke off, and
 * {@value #PIXELS} (a {@link Long}) to say how many pixels the image has that was made, and
 * run {@value #WHEN_OVER} (a {@link Runnable}) when the request is over: containers that cut a connection do not always
 * tell an {@link AsyncListener}. If it sets {@value #TUNNEL} (a {@code Consumer<Consumer<Outcome>>}) before the answer is
 * complete, the request is completed when that tells its consumer of the outcome: a connection that went on as something
 * else is over later than its first answer.
 *
 * <p>Logs find the first two and the route in the attributes of refused requests, too, and {@value #REFUSAL} (the {@link Refusal}).
 *
 * <p>Where the gateway is set to cut answers that pass a quota, the streams of the request and the answer throw an
 * {@link IOException} then. A servlet lets it pass, or the answer would end as if it were whole; one that answers
 * synchronously may also swallow it.
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
  public static final String REFUSAL = "io.gatehouse.Refusal";

  /** Attribute: {@value}. */
  public static final String ENDING = "io.gatehouse.Outcome.Ending";

  /** Attribute: {@value}. */
  public static final String PIXELS = "io.gatehouse.Outcome.pixels";

  /** Attribute: {@value}. */
  public static final String WHEN_OVER = "io.gatehouse.whenOver";

  /** Attribute: {@value}. */
  public static final String SHADOW = "io.gatehouse.shadow";

  /** Attribute: {@value}. */
  public static final String FORWARDED_SCHEME = "io.gatehouse.forwarded.scheme";

  /** Attribute: {@value}. */
  public static final String FORWARDED_HOST = "io.gatehouse.forwarded.host";

  /** Attribute: {@value}. */
  public static final String ROUTE = "io.gatehouse.route";

  /** Attribute: {@value}. */
  public static final String DISPATCH = "io.gatehouse.Dispatch";

  /** Attribute: {@value}. */
  public static final String ENTITLEMENT = "io.gatehouse.Entitlement";

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
    long begin = System.nanoTime();
    ServletInbound inbound = new ServletInbound(request, proxies.clientOf(request));
    request.setAttribute(INBOUND, inbound);
    proxies.schemeOf(request).ifPresent(scheme -> request.setAttribute(FORWARDED_SCHEME, scheme));
    proxies.hostOf(request).ifPresent(host -> request.setAttribute(FORWARDED_HOST, host));
    if (DotSegments.in(request.getRequestURI())) {
      refuse(
          Refusal.of(Refusal.Reason.BAD_REQUEST, "The path contains dot segments, plain or encoded."),
          request,
          response);
      return;
    }
    Admission admission = gateway.admit(inbound);
    admission.subject().ifPresent(subject -> request.setAttribute(SUBJECT, subject));
    if (!admission.route().isEmpty()) {
      request.setAttribute(ROUTE, admission.route());
    }
    if (admission instanceof Admission.Refused refused) {
      refused.responseHeaders().forEach(response::setHeader);
      refuse(refused.refusal(), request, response);
      return;
    }
    Admission.Admitted admitted = (Admission.Admitted) admission;
    admitted.dispatch().ifPresent(dispatch -> request.setAttribute(DISPATCH, dispatch));
    Optional<Entitlement> entitlement = admitted.entitlement();
    if (entitlement.isPresent()
        && (entitlement.get().tenant().isPresent() || !entitlement.get().options().isEmpty())) {
      request.setAttribute(ENTITLEMENT, entitlement.get());
    }
    if (!admitted.shadowRefusals().isEmpty()) {
      request.setAttribute(
          SHADOW, admitted.shadowRefusals().stream().map(Refusal::rule).collect(Collectors.joining(",")));
    }
    TransferMeter meter = new TransferMeter(admitted, !request.getMethod().equals("HEAD"));
    CountingResponse counting = new CountingResponse(response, admitted::responseHeaders, meter);
    CountingRequest counted = new CountingRequest(request, counting, meter);
    proceed(new Exchange(admitted, counted, counting, meter, begin), chain);
  }

  private static void refuse(Refusal refusal, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    request.setAttribute(REFUSAL, refusal);
    RefusalProblem.send(refusal, response);
  }

  private static void proceed(Exchange exchange, FilterChain chain) throws IOException, ServletException {
    exchange.request().setAttribute(WHEN_OVER, (Runnable) exchange::end);
    Throwable failure = null;
    try {
      chain.doFilter(exchange.request(), exchange.response());
      if (exchange.meter().isCut() && !exchange.request().isAsyncStarted()) {
        // Whoever has swallowed the exception of the stream would end the answer as if it were whole.
        throw new IOException("The answer was broken off for a quota");
      }
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
      Admission.Admitted admitted,
      CountingRequest request,
      CountingResponse response,
      TransferMeter meter,
      long begin) {

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
      Outcome.Ending ending = request.getAttribute(ENDING) instanceof Outcome.Ending stated ? stated : otherwise;
      Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
      long pixels = request.getAttribute(PIXELS) instanceof Long made ? made : 0;
      admitted.complete(
          new Outcome(status, meter.requestBytes(), meter.responseBytes(), elapsed, ending, pixels));
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

package io.gatehouse.jetty.log;

import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.upstream.Upstream;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request when its answer is complete: what the server saw, and what the filters and the proxy have
 * left in its attributes. Texts that are not known are empty.
 *
 * @param path as received, without the query
 * @param query as received; empty when there is none
 * @param status that was sent
 * @param elapsed from the first byte of the request to the end of the answer
 * @param client the address of the client, by what trusted proxies say
 * @param decided whether the gateway had to decide of it; false for its own paths, such as health and administration
 * @param route the route that it took
 * @param backend the one that had it last
 * @param cache what the cache of the route has done
 * @param shadow the rules in the shadow that would have refused it
 * @param ending who ended it, where the proxy says
 */
record AnsweredRequest(
    String method,
    String path,
    String query,
    String protocol,
    int status,
    Duration elapsed,
    long requestBytes,
    long responseBytes,
    String client,
    boolean decided,
    Optional<Subject> caller,
    Optional<Refusal> refusal,
    String route,
    String backend,
    String cache,
    String shadow,
    String ending,
    String requestId,
    String traceId) {

  static AnsweredRequest of(Request request, Response response) {
    Object inbound = request.getAttribute("io.gatehouse.Inbound");
    Object upstream = request.getAttribute("io.gatehouse.upstream.Upstream");
    String query = request.getHttpURI().getQuery();
    return new AnsweredRequest(
        request.getMethod(),
        LoggedTarget.withoutSignature(text(request.getHttpURI().getPath())),
        query == null ? "" : query,
        request.getConnectionMetaData().getProtocol(),
        response.getStatus(),
        Duration.ofNanos(Math.max(0, System.nanoTime() - request.getBeginNanoTime())),
        Math.max(0, Request.getContentBytesRead(request)),
        Math.max(0, Response.getContentBytesWritten(response)),
        inbound instanceof Inbound known
            ? known.clientAddress().getHostAddress()
            : text(Request.getRemoteAddr(request)),
        inbound instanceof Inbound,
        request.getAttribute("io.gatehouse.Subject") instanceof Subject subject
            ? Optional.of(subject)
            : Optional.empty(),
        request.getAttribute("io.gatehouse.Refusal") instanceof Refusal refusal
            ? Optional.of(refusal)
            : Optional.empty(),
        text(request.getAttribute("io.gatehouse.route")),
        upstream instanceof Upstream known ? known.uri().toString() : "",
        text(request.getAttribute("io.gatehouse.cache")),
        text(request.getAttribute("io.gatehouse.shadow")),
        text(request.getAttribute("io.gatehouse.Outcome.Ending")),
        text(request.getAttribute("io.gatehouse.requestId")),
        text(request.getAttribute("io.gatehouse.traceId")));
  }

  /** The same, once the connection that went on as something else is closed. */
  AnsweredRequest over(Outcome outcome) {
    return new AnsweredRequest(
        method,
        path,
        query,
        protocol,
        status,
        outcome.elapsed(),
        outcome.requestBytes(),
        outcome.responseBytes(),
        client,
        decided,
        caller,
        refusal,
        route,
        backend,
        cache,
        shadow,
        outcome.ending() == Outcome.Ending.ANSWERED ? "" : outcome.ending().toString(),
        requestId,
        traceId);
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }
}

package io.gatehouse.jetty.log;

import io.gatehouse.Inbound;
import io.gatehouse.Subject;
import io.gatehouse.upstream.Upstream;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line for every request that was answered, when its answer is complete. Never holds a query, because that may hold a
 * key or a token, nor any header but the request id and the trace id.
 */
public final class AccessLog implements RequestLog {

  private static final Logger log = LoggerFactory.getLogger("io.gatehouse.access");

  @Override
  public void log(Request request, Response response) {
    if (!log.isInfoEnabled()) {
      return;
    }
    String path = request.getHttpURI().getPath();
    double millis = (System.nanoTime() - request.getBeginNanoTime()) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    LoggingEventBuilder line =
        log.makeLoggingEventBuilder(Level.INFO)
            .addKeyValue("method", request.getMethod())
            .addKeyValue("path", path)
            .addKeyValue("status", response.getStatus())
            .addKeyValue("duration_ms", Math.round(millis * 1000) / 1000.0)
            .addKeyValue("request_bytes", Math.max(0, Request.getContentBytesRead(request)))
            .addKeyValue("response_bytes", Math.max(0, Response.getContentBytesWritten(response)))
            .addKeyValue("protocol", request.getConnectionMetaData().getProtocol());
    Object inbound = request.getAttribute("io.gatehouse.Inbound");
    add(line, "client", inbound instanceof Inbound known ? known.clientAddress().getHostAddress() : Request.getRemoteAddr(request));
    if (request.getAttribute("io.gatehouse.Subject") instanceof Subject subject) {
      add(line, "user", subject.user());
      add(line, "key", subject.key());
    }
    if (request.getAttribute("io.gatehouse.upstream.Upstream") instanceof Upstream upstream) {
      add(line, "backend", upstream.uri());
    }
    add(line, "shadow", request.getAttribute("io.gatehouse.shadow"));
    add(line, "outcome", request.getAttribute("io.gatehouse.Outcome.Ending"));
    add(line, "request_id", request.getAttribute("io.gatehouse.requestId"));
    add(line, "trace_id", request.getAttribute("io.gatehouse.traceId"));
    line.log("{} {} {} {} ms", request.getMethod(), path, response.getStatus(), Math.round(millis * 10) / 10.0);
  }

  private static void add(LoggingEventBuilder line, String name, @org.jspecify.annotations.Nullable Object value) {
    if (value != null) {
      line.addKeyValue(name, value.toString());
    }
  }
}

package io.gatehouse.jetty.log;

import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.Subject;
import io.gatehouse.upstream.Upstream;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line for every request that was answered, when its answer is complete, or when the tunnel is over that it opened. Never holds a query, because that may hold a
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
    LoggingEventBuilder line =
        log.makeLoggingEventBuilder(Level.INFO)
            .addKeyValue("method", request.getMethod())
            .addKeyValue("path", path)
            .addKeyValue("status", response.getStatus())
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
    add(line, "request_id", request.getAttribute("io.gatehouse.requestId"));
    add(line, "trace_id", request.getAttribute("io.gatehouse.traceId"));
    String what = request.getMethod() + ' ' + path + ' ' + response.getStatus();
    long begin = request.getBeginNanoTime();
    if (request.getAttribute("io.gatehouse.tunnel") instanceof Consumer<?> tunnel) {
      whenOver(tunnel, outcome ->
          write(line, what, begin, outcome.requestBytes(), outcome.responseBytes(), shown(outcome.ending())));
    } else {
      write(line, what, begin, Math.max(0, Request.getContentBytesRead(request)),
          Math.max(0, Response.getContentBytesWritten(response)),
          request.getAttribute("io.gatehouse.Outcome.Ending"));
    }
  }

  /** The server uses request and response again before a tunnel is over, so nothing of them may be asked then. */
  @SuppressWarnings("unchecked")
  private static void whenOver(Consumer<?> tunnel, Consumer<Outcome> write) {
    ((Consumer<Consumer<Outcome>>) tunnel).accept(write);
  }

  private static Outcome.@Nullable Ending shown(Outcome.Ending ending) {
    return ending == Outcome.Ending.ANSWERED ? null : ending;
  }

  private static void write(LoggingEventBuilder line, String what, long begin, long requestBytes, long responseBytes,
      @Nullable Object ending) {
    double millis = (System.nanoTime() - begin) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    line.addKeyValue("duration_ms", Math.round(millis * 1000) / 1000.0)
        .addKeyValue("request_bytes", requestBytes)
        .addKeyValue("response_bytes", responseBytes);
    add(line, "outcome", ending);
    line.log("{} {} ms", what, Math.round(millis * 10) / 10.0);
  }

  private static void add(LoggingEventBuilder line, String name, @Nullable Object value) {
    if (value != null) {
      line.addKeyValue(name, value.toString());
    }
  }
}

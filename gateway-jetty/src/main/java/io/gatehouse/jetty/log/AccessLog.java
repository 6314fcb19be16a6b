package io.gatehouse.jetty.log;

import io.gatehouse.Outcome;
import java.util.Locale;
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
 *
 * <p>A request with the attribute {@link RequestLogFeed#ATTRIBUTE} is handed to that feed as well.
 */
public final class AccessLog implements RequestLog {

  private static final Logger log = LoggerFactory.getLogger("io.gatehouse.access");

  @Override
  public void log(Request request, Response response) {
    RequestLogFeed feed =
        request.getAttribute(RequestLogFeed.ATTRIBUTE) instanceof RequestLogFeed given ? given : null;
    if (!log.isInfoEnabled() && feed == null) {
      return;
    }
    AnsweredRequest answered = AnsweredRequest.of(request, response);
    if (request.getAttribute("io.gatehouse.tunnel") instanceof Consumer<?> tunnel) {
      whenOver(tunnel, outcome -> tell(answered.over(outcome), feed));
    } else {
      tell(answered, feed);
    }
  }

  @SuppressWarnings("unchecked")
  private static void whenOver(Consumer<?> tunnel, Consumer<Outcome> tell) {
    ((Consumer<Consumer<Outcome>>) tunnel).accept(tell);
  }

  private static void tell(AnsweredRequest answered, @Nullable RequestLogFeed feed) {
    if (log.isInfoEnabled()) {
      write(answered);
    }
    if (feed != null) {
      feed.accept(answered);
    }
  }

  private static void write(AnsweredRequest request) {
    double millis = request.elapsed().toNanos() / 1e6;
    LoggingEventBuilder line =
        log.makeLoggingEventBuilder(Level.INFO)
            .addKeyValue("method", request.method())
            .addKeyValue("path", request.path())
            .addKeyValue("status", request.status())
            .addKeyValue("duration_ms", Math.round(millis * 1000) / 1000.0)
            .addKeyValue("request_bytes", request.requestBytes())
            .addKeyValue("response_bytes", request.responseBytes())
            .addKeyValue("protocol", request.protocol());
    add(line, "client", request.client());
    request.caller().ifPresent(caller -> {
      add(line, "user", caller.user());
      add(line, "key", caller.key());
    });
    request.refusal().ifPresent(refusal -> {
      add(line, "refused", refusal.reason().name().toLowerCase(Locale.ROOT));
      add(line, "rule", refusal.rule());
    });
    add(line, "route", request.route());
    add(line, "backend", request.backend());
    add(line, "cache", request.cache());
    add(line, "shadow", request.shadow());
    add(line, "outcome", request.ending());
    add(line, "request_id", request.requestId());
    add(line, "trace_id", request.traceId());
    // Without placeholders, which would be looked for in every line.
    line.log(request.method() + ' ' + request.path() + ' ' + request.status() + ' ' + Math.round(millis * 10) / 10.0 + " ms");
  }

  private static void add(LoggingEventBuilder line, String name, String value) {
    if (!value.isEmpty()) {
      line.addKeyValue(name, value);
    }
  }
}

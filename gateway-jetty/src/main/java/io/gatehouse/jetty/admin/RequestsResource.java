package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Subject;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestLog.Position;
import io.gatehouse.event.RequestLog.Question;
import io.gatehouse.event.RequestRecord;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Cursor;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.Span;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Single requests of the request log, newest first, a page at a time. */
final class RequestsResource {

  private static final String PATH = AdminServlet.ROOT + "requests";
  private static final Duration USUAL_SPAN = Duration.ofHours(24);
  private static final Pattern STATUS = Pattern.compile("[1-5](xx|[0-9]{2})");

  private static final FieldType<String> STATUS_TEXT =
      FieldTypes.text("a status such as 429, or a class such as 4xx", text -> STATUS.matcher(text).matches());

  private final RequestLog log;
  private final InstantSource clock;

  RequestsResource(RequestLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
  }

  private Answer list(Call call) {
    Optional<String> user = call.query().get("user", FieldTypes.ID_TEXT);
    Optional<String> key = call.query().get("key", FieldTypes.ID_TEXT);
    Optional<String> status = call.query().get("status", STATUS_TEXT);
    Span span = Span.of(call, clock, USUAL_SPAN);
    Optional<Position> after =
        call.query().get("after", Cursor.TYPE).map(cursor -> new Position(cursor.at(), cursor.id()));
    int size = Page.size(call);
    call.check();
    int least = status.map(text -> Integer.parseInt(text.replace('x', '0'))).orElse(0);
    int most = status.map(text -> Integer.parseInt(text.replace('x', '9'))).orElse(599);
    Question question = new Question(user, key, least, most, span.from(), span.to(), after);
    ObjectNode body = Json.object().put("from", span.from().toString()).put("to", span.to().toString());
    return Page.answer(
        call,
        PATH,
        body,
        "requests",
        size,
        log.newest(question, size + 1),
        RequestsResource::json,
        last -> new Cursor(last.at(), last.id()).toString(),
        span.said());
  }

  /** With the names that the access line has. */
  private static ObjectNode json(RequestRecord request) {
    return Json.object()
        .put("time", request.at().toString())
        .put("request_id", request.requestId())
        .put("trace_id", request.traceId())
        .put("user", request.caller().map(Subject::user).orElse(null))
        .put("key", request.caller().map(Subject::key).orElse(null))
        .put("client", request.client())
        .put("method", request.method())
        .put("target", request.target())
        .put("status", request.status())
        .put("refused", request.reason().map(reason -> reason.name().toLowerCase(Locale.ROOT)).orElse(null))
        .put("rule", request.rule().isEmpty() ? null : request.rule())
        .put("backend", request.backend().isEmpty() ? null : request.backend())
        .put("request_bytes", request.requestBytes())
        .put("response_bytes", request.responseBytes())
        .put("duration_ms", request.elapsed().toNanos() / 1000 / 1000.0);
  }
}

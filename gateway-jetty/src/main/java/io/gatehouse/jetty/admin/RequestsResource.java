package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Subject;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestLog.Position;
import io.gatehouse.event.RequestLog.Question;
import io.gatehouse.event.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Single requests of the request log, newest first, a page at a time. */
final class RequestsResource {

  private static final String PATH = AdminServlet.ROOT + "requests";
  private static final int USUAL_PAGE = 50;
  private static final int LARGEST_PAGE = 200;
  private static final Duration USUAL_SPAN = Duration.ofHours(24);
  private static final Pattern SIZE = Pattern.compile("[1-9][0-9]?|1[0-9][0-9]|200");
  private static final Pattern STATUS = Pattern.compile("[1-5](xx|[0-9]{2})");
  private static final Pattern CURSOR = Pattern.compile("[0-9]{1,15}-[0-9A-Za-z]{1,64}");

  private static final FieldType<Integer> PAGE_SIZE =
      FieldTypes.text("1 to " + LARGEST_PAGE, text -> SIZE.matcher(text).matches()).map(Integer::valueOf);

  private static final FieldType<String> STATUS_TEXT =
      FieldTypes.text("a status such as 429, or a class such as 4xx", text -> STATUS.matcher(text).matches());

  private static final FieldType<Position> POSITION =
      FieldTypes.text("the next of an earlier answer", text -> CURSOR.matcher(text).matches())
          .map(RequestsResource::position);

  private final RequestLog log;
  private final InstantSource clock;

  RequestsResource(RequestLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list, "user", "key", "status", "from", "to", "after", "limit");
  }

  private Answer list(Call call) {
    Optional<String> user = call.query().get("user", FieldTypes.ID_TEXT);
    Optional<String> key = call.query().get("key", FieldTypes.ID_TEXT);
    Optional<String> status = call.query().get("status", STATUS_TEXT);
    Instant to = call.query().get("to", FieldTypes.MOMENT).orElse(clock.instant().truncatedTo(ChronoUnit.MILLIS));
    Instant from = call.query().get("from", FieldTypes.MOMENT).orElse(to.minus(USUAL_SPAN));
    Optional<Position> after = call.query().get("after", POSITION);
    int size = call.query().get("limit", PAGE_SIZE).orElse(USUAL_PAGE);
    if (to.isBefore(from)) {
      call.faults().add("from", from + " (expected: at or before to, " + to + ")");
    }
    call.check();
    int least = status.map(text -> Integer.parseInt(text.replace('x', '0'))).orElse(0);
    int most = status.map(text -> Integer.parseInt(text.replace('x', '9'))).orElse(599);
    List<RequestRecord> found = log.newest(new Question(user, key, least, most, from, to, after), size + 1);
    Optional<String> next = found.size() > size ? Optional.of(cursor(found.get(size - 1))) : Optional.empty();
    ObjectNode body = Json.object().put("from", from.toString()).put("to", to.toString());
    ArrayNode rows = body.putArray("requests");
    found.stream().limit(size).forEach(each -> rows.add(json(each)));
    body.put("next", next.orElse(null));
    Answer answer = Answer.ok(body);
    return next
        .map(cursor -> answer.with("Link", "<" + link(user, key, status, from, to, size, cursor) + ">; rel=\"next\""))
        .orElse(answer);
  }

  /** The moments are said, or the range would move between two pages. */
  private static String link(
      Optional<String> user,
      Optional<String> key,
      Optional<String> status,
      Instant from,
      Instant to,
      int size,
      String cursor) {
    StringBuilder link = new StringBuilder(PATH).append("?after=").append(cursor);
    user.ifPresent(value -> link.append("&user=").append(value));
    key.ifPresent(value -> link.append("&key=").append(value));
    status.ifPresent(value -> link.append("&status=").append(value));
    return link.append("&from=").append(from).append("&to=").append(to).append("&limit=").append(size).toString();
  }

  private static Position position(String cursor) {
    int dash = cursor.indexOf('-');
    return new Position(Instant.ofEpochMilli(Long.parseLong(cursor.substring(0, dash))), cursor.substring(dash + 1));
  }

  private static String cursor(RequestRecord last) {
    return last.at().toEpochMilli() + "-" + last.id();
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

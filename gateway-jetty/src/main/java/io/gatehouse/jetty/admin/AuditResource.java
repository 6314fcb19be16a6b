package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.AuditLog.Position;
import io.gatehouse.admin.AuditLog.Question;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Cursor;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.KeyHolder;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.Span;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who changed what, newest first, a page at a time. */
final class AuditResource {

  private static final String PATH = AdminServlet.ROOT + "audit";
  private static final Duration USUAL_SPAN = Duration.ofDays(30);
  private static final int LONGEST_OBJECT = 2_100;

  private static final FieldType<String> ADMINISTRATOR =
      FieldTypes.text(
          "the id of an administrator, " + AuditRecord.CONFIGURATION + ", " + AuditRecord.COMMAND_LINE + ", or "
              + KeyHolder.PREFIX + " and that of a key",
          text -> text.matches("(" + KeyHolder.PREFIX + ")?[0-9A-Za-z-]{1,64}"));

  private static final FieldType<String> OPERATION =
      FieldTypes.text("an operation such as addUser", text -> text.matches("[0-9A-Za-z]{1,64}"));

  private static final FieldType<String> OBJECT =
      FieldTypes.text(
          "an object such as users/01M8, without a slash at its ends",
          text -> !text.isEmpty() && text.length() <= LONGEST_OBJECT && !text.startsWith("/") && !text.endsWith("/")
              && text.chars().noneMatch(Character::isISOControl));

  private final AuditLog log;
  private final InstantSource clock;

  AuditResource(AuditLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
  }

  private Answer list(Call call) {
    Optional<String> administrator = call.query().get("administrator", ADMINISTRATOR);
    Optional<String> operation = call.query().get("operation", OPERATION);
    Optional<String> object = call.query().get("object", OBJECT);
    Optional<Position> after =
        call.query().get("after", Cursor.TYPE).map(cursor -> new Position(cursor.at(), cursor.id()));
    Span span = Span.of(call, clock, USUAL_SPAN);
    int size = Page.size(call);
    call.check();
    Question question = new Question(administrator, operation, object, span.from(), span.to(), after);
    ObjectNode body = Json.object().put("from", span.from().toString()).put("to", span.to().toString());
    return Page.answer(
        call,
        PATH,
        body,
        "changes",
        size,
        log.newest(question, size + 1),
        AuditResource::json,
        last -> new Cursor(last.at(), last.id()).toString(),
        span.said());
  }

  private static ObjectNode json(AuditRecord record) {
    ObjectNode json = Json.object()
        .put("id", record.id())
        .put("time", record.at().toString())
        .put("administrator", record.administrator())
        .put("name", record.name())
        .put("address", textOrNull(record.address()))
        .put("request_id", textOrNull(record.requestId()))
        .put("operation", record.operation())
        .put("object", record.object());
    json.set("before", document(record.before()));
    json.set("after", document(record.after()));
    return json;
  }

  private static @Nullable String textOrNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static @Nullable JsonNode document(String text) {
    try {
      return text.isEmpty() ? null : Json.read(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an entry of the audit log is not JSON", e);
    }
  }
}

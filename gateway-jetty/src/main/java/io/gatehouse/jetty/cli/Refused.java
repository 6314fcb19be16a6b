package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.admin.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What administration answers with a problem (docs/problems.md), in the words of the command line. */
final class Refused extends CommandFailure {

  private static final long serialVersionUID = 1L;
  private static final String TYPES = "urn:gatehouse:problem:";

  private final int status;
  private final transient ArrayNode errors;

  private Refused(int status, int exit, String message, String help, ArrayNode errors) {
    super(exit, message, help);
    this.status = status;
    this.errors = errors;
  }

  /** What became of a request. */
  static Refused by(Way way, Reply reply) {
    JsonNode problem = reply.document().orElseGet(Answers::json);
    String type = problem.path("type").asText();
    int status = reply.status();
    if (!type.startsWith(TYPES)) {
      return new Refused(
          status,
          exit(status),
          way + " answered " + status + " and not as the administration of a gateway does",
          "is it a gateway, and does it serve administration there (admin.listen)?",
          Answers.json().arrayNode());
    }
    ArrayNode errors = Answers.json().arrayNode();
    problem.path("errors").forEach(errors::add);
    return new Refused(status, exit(status), message(problem, errors), help(status, way, reply), errors);
  }

  private static int exit(int status) {
    return switch (status) {
      case 401, 403 -> Exit.FORBIDDEN;
      case 404 -> Exit.NOT_FOUND;
      case 409, 412, 422 -> Exit.CONFLICT;
      case 429, 502, 503, 504 -> Exit.UNAVAILABLE;
      default -> Exit.FAILED;
    };
  }

  private static String message(JsonNode problem, ArrayNode errors) {
    List<String> lines = new ArrayList<>();
    for (JsonNode error : errors) {
      String field = error.path("field").asText();
      String detail = error.path("detail").asText();
      lines.add(field.isEmpty() ? detail : field + ": " + detail);
    }
    if (lines.size() == 1) {
      return lines.get(0);
    }
    String head = problem.path("status").asInt() == 401 ? "the token is unknown" : sentence(problem.path("detail").asText());
    return lines.isEmpty()
        ? head
        : head + System.lineSeparator() + "  " + String.join(System.lineSeparator() + "  ", lines);
  }

  /** As messages of commands are written: without a capital and a full stop. */
  private static String sentence(String detail) {
    String text = detail.endsWith(".") ? detail.substring(0, detail.length() - 1) : detail;
    return text.isEmpty() ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private static String help(int status, Way way, Reply reply) {
    Optional<String> wait = reply.header("Retry-After");
    return switch (status) {
      case 401 -> way + " does not know this token; is it the one of --token-file or " + Names.TOKEN + "?";
      case 403 -> way + " knows this token, but its role may not do this";
      default -> wait.map(seconds -> "try again in " + seconds + " s").orElse("");
    };
  }

  /** The status of HTTP. */
  int status() {
    return status;
  }

  /** Whether somebody else has changed what this change was made of. */
  boolean isOvertaken() {
    return status == 412;
  }

  /** What is wrong with which field, as the API has it; may be empty. */
  @Override
  ArrayNode errors() {
    return errors;
  }
}

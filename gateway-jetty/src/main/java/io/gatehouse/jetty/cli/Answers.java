package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;

/**
 * Writes what a command has to say: data to standard output and messages to standard error; or, for scripts, one JSON
 * document for all of it, to standard output when the command did what it should and to standard error when not.
 */
final class Answers {

  /** Who reads. */
  enum Format {
    TEXT,
    JSON
  }

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final PrintWriter out;
  private final PrintWriter err;
  private final Format format;

  Answers(PrintWriter out, PrintWriter err, Format format) {
    this.out = out;
    this.err = err;
    this.format = format;
  }

  static ObjectNode json() {
    return JSON.createObjectNode();
  }

  /**
   * The answer.
   *
   * @param data lines for people, each with its end; may be empty
   * @param message a sentence that is not data, without an end of line; may be empty
   */
  void answer(String data, String message, JsonNode json) {
    if (format == Format.JSON) {
      out.println(pretty(json));
    } else {
      out.print(data);
      if (!message.isEmpty()) {
        err.println(message);
      }
    }
    out.flush();
    err.flush();
  }

  /**
   * What went wrong.
   *
   * @param lines for people
   * @param help what to do about it; may be empty
   * @param json the exit code and the text are added to it
   * @return the exit code
   */
  int failure(int exit, String lines, String help, String error, ObjectNode json) {
    if (format == Format.JSON) {
      json.put("error", error).put("exit", exit);
      if (!help.isEmpty()) {
        json.put("help", help);
      }
      err.println(pretty(json));
    } else {
      err.println(lines);
      if (!help.isEmpty()) {
        err.println("  help: " + help);
      }
    }
    err.flush();
    return exit;
  }

  /**
   * The document in a text.
   *
   * @param source what the text is called in messages
   * @throws CommandFailure when it is no JSON object
   */
  static ObjectNode read(String text, String source) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw new CommandFailure(source + " holds no JSON object", "");
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new CommandFailure(Exit.FAILED, source + " is not JSON, at line " + line, "", e);
    }
  }

  private static String pretty(JsonNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // trees can be written
    }
  }
}

package io.gatehouse.jetty.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes the JSON document out of a request: bounded, of a type that says so, in UTF-8 (RFC 8259, 8.1). */
public final class RequestBody {

  private static final int MOST_BYTES = 1 << 20;

  /** So much more is read and dropped: a client that is cut off while it sends sees no answer. */
  private static final int MOST_DROPPED = 16 << 20;

  private static final String JSON = "application/json";

  /** RFC 7396, which is what PATCH does here: a null takes a value away. */
  private static final String MERGE_PATCH = "application/merge-patch+json";

  private RequestBody() {}

  /** The document; empty when the request has no body. */
  public static Optional<JsonNode> read(HttpServletRequest request) throws IOException {
    boolean tooLarge = request.getContentLengthLong() > MOST_BYTES;
    if (tooLarge && request.getHeader("Expect") != null) {
      throw tooLarge(); // the client waits for a word before it sends
    }
    byte[] bytes = request.getInputStream().readNBytes(MOST_BYTES + 1);
    if (tooLarge || bytes.length > MOST_BYTES) {
      drop(request.getInputStream());
      throw tooLarge();
    }
    if (bytes.length == 0) {
      return Optional.empty();
    }
    requireJson(request);
    return document(bytes);
  }

  private static void drop(InputStream in) throws IOException {
    byte[] buffer = new byte[8192];
    int dropped = 0;
    int read = in.read(buffer);
    while (read >= 0 && dropped < MOST_DROPPED) {
      dropped += read;
      read = in.read(buffer);
    }
  }

  private static void requireJson(HttpServletRequest request) {
    String encoding = request.getHeader("Content-Encoding");
    boolean plain = encoding == null || encoding.equalsIgnoreCase("identity");
    String type = mediaType(request.getContentType());
    boolean json = type.equals(JSON) || request.getMethod().equals("PATCH") && type.equals(MERGE_PATCH);
    if (!plain || !json) {
      // RFC 9110, 12.5.1: Accept in an answer says what would have been taken.
      throw new ProblemException(
          Problem.of(415, "unsupported-media-type", "Unsupported media type", "Send plain " + JSON + "."))
          .with("Accept", JSON);
    }
  }

  private static Optional<JsonNode> document(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return Optional.of(Json.read(text)).filter(node -> !node.isMissingNode());
    } catch (CharacterCodingException e) {
      throw new ProblemException(malformed("The body is not UTF-8."));
    } catch (StreamConstraintsException e) {
      throw new ProblemException(malformed("The document is too deep, or a name or number is too long."));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
      String what = e.getOriginalMessage().startsWith("Duplicate") ? "says a field twice" : "is not JSON";
      throw new ProblemException(
          malformed("The body " + what + ", at line " + line + ", column " + column + ".")
              .with("line", line)
              .with("column", column));
    }
  }

  private static Problem malformed(String detail) {
    return Problem.of(400, "malformed-json", "Malformed JSON", detail);
  }

  private static ProblemException tooLarge() {
    return new ProblemException(
        Problem.of(413, "content-too-large", "Content too large", "The body is larger than 1 MiB."));
  }

  private static String mediaType(@Nullable String contentType) {
    return contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}

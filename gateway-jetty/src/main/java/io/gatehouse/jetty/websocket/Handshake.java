package io.gatehouse.jetty.websocket;

import io.gatehouse.Inbound;
import io.gatehouse.jetty.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake over HTTP/1.1 as one in the middle has to look at it (RFC 6455, 4). Nothing here
 * blocks.
 */
public final class Handshake {

  /** The version of the protocol, and the value of {@code Sec-WebSocket-Version}: {@value}. */
  public static final String VERSION = "13";

  /** RFC 6455, 1.3. */
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private static final int KEY_BYTES = 16;

  private Handshake() {}

  /** Whether a request asks to go on as a WebSocket. */
  public static boolean wanted(Inbound request) {
    return lists(request.headers("Upgrade"), "websocket") && lists(request.headers("Connection"), "upgrade");
  }

  /**
   * What is wrong with a request that asks for it: 426 for a version that is not {@value #VERSION}, 400
   * for all else (RFC 6455, 4.2.1 and 4.4); empty when it may be forwarded.
   */
  public static Optional<Problem> objection(Inbound request) {
    if (!request.method().equals("GET") || request.contentLength() != 0) {
      return bad("A WebSocket is opened with a GET that has no body.");
    }
    List<String> versions = request.headers("Sec-WebSocket-Version");
    if (versions.size() == 1 && !versions.get(0).strip().equals(VERSION)) {
      return Optional.of(Problem.of(426, "websocket-version", "WebSocket version not supported",
          "Open the WebSocket with version " + VERSION + '.'));
    }
    if (versions.size() != 1) {
      return bad("A WebSocket is opened with one Sec-WebSocket-Version.");
    }
    List<String> keys = request.headers("Sec-WebSocket-Key");
    if (keys.size() != 1 || !isKey(keys.get(0).strip())) {
      return bad("A WebSocket is opened with one Sec-WebSocket-Key of " + KEY_BYTES + " bytes in Base64.");
    }
    return Optional.empty();
  }

  /**
   * Whether an answer accepts this very request. What does not has not spoken WebSocket, whatever its
   * status says, and must get no tunnel: through it a client could send requests past the gates.
   *
   * @param upgrade the answer's {@code Upgrade}, null when it has none
   * @param accept the answer's {@code Sec-WebSocket-Accept}, null when it has none
   */
  public static boolean accepted(Inbound request, @Nullable String upgrade, @Nullable String accept) {
    return upgrade != null && upgrade.strip().equalsIgnoreCase("websocket") && accept != null
        && accept.strip().equals(acceptOf(request.header("Sec-WebSocket-Key").orElse("").strip()));
  }

  private static String acceptOf(String key) {
    try {
      byte[] accepted = (key + GUID).getBytes(StandardCharsets.ISO_8859_1);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(accepted));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  private static boolean isKey(String value) {
    try {
      return Base64.getDecoder().decode(value).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean lists(List<String> values, String wanted) {
    for (String value : values) {
      for (String token : value.split(",")) {
        if (token.strip().equalsIgnoreCase(wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  private static Optional<Problem> bad(String detail) {
    return Optional.of(Problem.of(400, "bad-request", "Bad request", detail));
  }
}

package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.problem.Problem;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.HexFormat;
import java.util.Optional;

/** Strong entity tags, of representations, and the conditions on them (RFC 9110, 8.8 and 13.1). */
public final class EntityTag {

  private static final int BYTES = 16;

  private EntityTag() {}

  /** The tag of a representation, with its quotes. */
  public static String of(ObjectNode representation) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Json.bytes(representation));
      return '"' + HexFormat.of().formatHex(digest, 0, BYTES) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java", e);
    }
  }

  /**
   * Ends a request that changes something when the client asked for another state than there is.
   *
   * @param current the tag of what is there; empty when nothing is there, or it has no tag that stays
   * @param exists whether anything is there
   */
  public static void check(Envelope request, Optional<String> current, boolean exists) {
    boolean expected =
        request.field("If-Match").isEmpty() || matches(request.fields("If-Match"), current, exists);
    boolean excluded = matches(request.fields("If-None-Match"), current, exists);
    if (!expected || excluded) {
      throw new ProblemException(
          Problem.of(
              412,
              "precondition-failed",
              "Precondition failed",
              "What is there is not what the request expects; read it again."));
    }
  }

  /** Whether a client that reads has this representation already. */
  public static boolean isKnown(Envelope request, String current) {
    // RFC 9110, 13.1.2: If-None-Match compares weakly, and a proxy may have weakened our tag.
    return matches(request.fields("If-None-Match"), Optional.of(current), true)
        || matches(request.fields("If-None-Match"), Optional.of("W/" + current), true);
  }

  private static boolean matches(List<String> lines, Optional<String> current, boolean exists) {
    for (String line : lines) {
      if (line.strip().equals("*")) {
        return exists;
      }
      for (String tag : line.split(",")) { // our tags have no commas inside
        if (current.isPresent() && tag.strip().equals(current.get())) {
          return true;
        }
      }
    }
    return false;
  }
}

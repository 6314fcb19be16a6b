package io.gatehouse.jetty.proxy;

import io.gatehouse.core.cache.Normaliser;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/**
 * Entity tags that differ where the answers do, for backends that give all that they make of one source the tag of the source,
 * as imgproxy does: a client that has a picture in one form would be told that it has it in the other, too. Out goes the tag
 * of the backend with a mark behind it of what was asked for; what comes in with that mark is the backend's again, and what
 * has another or none is not what is asked for now.
 */
final class VariantTags {

  /** What answers of such backends depend on, besides the target. */
  private static final List<String> SELECTORS = List.of("accept", "accept-encoding", "dpr", "width", "viewport-width",
      "save-data", "sec-ch-dpr", "sec-ch-width", "sec-ch-viewport-width");

  /** Of the digest; 66 bits, which is far more than one resource has variants. */
  private static final int MARK_LENGTH = 11;

  private final String end;

  private VariantTags(String mark) {
    this.end = "~" + mark + '"';
  }

  /** Those of a request; null on lanes where tags are the backend's. */
  static @Nullable VariantTags of(Rewriting rewriting, String target, HttpFields fields) {
    if (!rewriting.variantEtags()) {
      return null;
    }
    StringBuilder variant = new StringBuilder(target);
    for (String name : SELECTORS) {
      String value = Normaliser.ENCODINGS.normal(name, CacheLane.joined(fields, name));
      variant.append('\n').append(value == null ? "" : value);
    }
    return new VariantTags(mark(variant.toString()));
  }

  private static String mark(String variant) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(variant.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, MARK_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The fields of the request as the backend can compare them. */
  HttpFields in(String method, HttpFields fields) {
    HttpFields.Mutable changed = HttpFields.build(fields);
    boolean reads = method.equals("GET") || method.equals("HEAD");
    change(changed, "If-None-Match", reads);
    // What is left as it is matches nothing, and so nothing happens that should not.
    change(changed, "If-Match", false);
    change(changed, "If-Range", false);
    return changed.asImmutable();
  }

  private void change(HttpFields.Mutable fields, String name, boolean onlyOurs) {
    String value = CacheLane.joined(fields, name);
    if (value == null) {
      return;
    }
    List<String> tags = new ArrayList<>();
    for (String tag : value.split(",(?=\\s*(?:W/)?\"|\\s*\\*)")) {
      String stripped = tag.strip();
      if (stripped.endsWith(end)) {
        tags.add(stripped.substring(0, stripped.length() - end.length()) + '"');
      } else if (!onlyOurs || stripped.equals("*")) {
        tags.add(stripped);
      }
    }
    if (tags.isEmpty()) {
      fields.remove(name);
    } else {
      fields.put(name, String.join(", ", tags));
    }
  }

  /** Marks the tag of an answer whose fields are set. */
  void out(HttpServletResponse response) {
    String tag = response.getHeader("ETag");
    if (tag != null && tag.endsWith("\"") && tag.length() > 1) {
      response.setHeader("ETag", tag.substring(0, tag.length() - 1) + end);
    }
  }
}

package io.gatehouse.jetty.problem;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An error answer of the gateway: {@code application/problem+json} as RFC 9457 has it. Immutable.
 *
 * <p>Types are stable names under {@link #TYPES}, listed in docs/problems.md; they are identifiers, not addresses.
 */
public final class Problem {

  /** What every type of ours begins with: {@value}. */
  public static final String TYPES = "urn:gatehouse:problem:";

  /** The registered type for a capacity that is reduced for a while: {@value}. */
  public static final String TEMPORARY_REDUCED_CAPACITY =
      "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

  /** The registered type for a client that does not behave: {@value}. */
  public static final String ABNORMAL_USAGE_DETECTED =
      "https://iana.org/assignments/http-problem-types#abnormal-usage-detected";

  /** The registered type for a used-up quota: {@value}. */
  public static final String QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";

  private final int status;
  private final Map<String, Object> members;

  private Problem(int status, Map<String, Object> members) {
    this.status = status;
    this.members = members;
  }

  /**
   * A problem of our own types.
   *
   * @param slug the part after {@link #TYPES}: {@code no-healthy-backend}; or a whole URI, which is kept
   * @param title a few words, the same for every problem of the type
   * @param detail a sentence about this one
   */
  public static Problem of(int status, String slug, String title, String detail) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", slug.startsWith("https:") ? slug : TYPES + slug);
    members.put("title", title);
    members.put("status", status);
    members.put("detail", detail);
    return new Problem(status, members);
  }

  /** The same with one more member: a string, a number, a boolean, or a list or map of such. */
  public Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Problem(status, more);
  }

  public int status() {
    return status;
  }

  /** The body as JSON. */
  public String json() {
    StringBuilder json = new StringBuilder(256);
    append(json, members);
    return json.toString();
  }

  /**
   * Writes the whole answer, never cacheable. The response must not be committed; fields that were set before stay. The
   * length is left to the container: it commits at the end then, and can say that it closes the connection where the body
   * of the request has not come.
   */
  public void send(HttpServletResponse response) throws IOException {
    byte[] body = json().getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.setContentType("application/problem+json");
    response.setHeader("Cache-Control", "no-store");
    response.getOutputStream().write(body);
  }

  private static void append(StringBuilder json, Object value) {
    if (value instanceof Map<?, ?> map) {
      char separator = '{';
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.append(separator);
        append(json, entry.getKey());
        json.append(':');
        append(json, entry.getValue());
        separator = ',';
      }
      json.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      json.append('[');
      for (int i = 0; i < list.size(); i++) {
        json.append(i == 0 ? "" : ",");
        append(json, list.get(i));
      }
      json.append(']');
    } else if (value instanceof Number || value instanceof Boolean) {
      json.append(value);
    } else {
      quote(json, value.toString());
    }
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}

package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.admin.Request;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts a request of administration together. For one thread. */
final class Ask {

  /** What a path can name: ids, and names of plans and tenants. */
  private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[0-9A-Za-z._-]{1,128}");

  private final String method;
  private final String path;
  private final boolean named;
  private final Map<String, String> query = new LinkedHashMap<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private @Nullable JsonNode document;

  private Ask(String method, String path, boolean named) {
    this.method = method;
    this.path = path;
    this.named = named;
  }

  static Ask get(String path) {
    return new Ask("GET", path, true);
  }

  static Ask of(String method, String path) {
    return new Ask(method, path, true);
  }

  /**
   * A request about something with a name of its own.
   *
   * @param path with {@code {id}} in its place
   */
  static Ask of(String method, String path, String name) {
    return new Ask(method, path.replace("{id}", name), NAME.matcher(name).matches());
  }

  /** Adds a parameter; null: none. */
  Ask query(String name, @Nullable Object value) {
    if (value != null) {
      query.put(name, value.toString());
    }
    return this;
  }

  Ask document(JsonNode value) {
    document = value;
    return this;
  }

  Ask header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Whether there can be what the path names; where not, nobody need be asked. */
  boolean isNamed() {
    return named;
  }

  Request request() {
    StringBuilder text = new StringBuilder();
    query.forEach((name, value) -> text
        .append(text.isEmpty() ? "" : "&")
        .append(name)
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20")));
    return new Request(method, path, text.toString(), Optional.ofNullable(document), headers);
  }
}

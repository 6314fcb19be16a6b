package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.api.Envelope;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A request of administration that did not come over HTTP, or is still to go there. Immutable.
 *
 * @param method in capitals
 * @param path below {@link AdminServlet#ROOT}, encoded: {@code users/01M8}
 * @param query encoded, without the question mark; may be empty
 * @param document empty: none
 * @param headers the fields that matter, each once: {@code If-Match}
 */
public record Request(
    String method, String path, String query, Optional<JsonNode> document, Map<String, String> headers)
    implements Envelope {

  public Request {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(document, "document");
    headers = Map.copyOf(headers);
  }

  @Override
  public List<String> fields(String name) {
    return headers.entrySet().stream()
        .filter(field -> field.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public InetAddress peer() {
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public String client() {
    return "";
  }

  @Override
  public String requestId() {
    return "";
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What administration answers to a {@link Request}. Immutable, but for the document.
 *
 * @param status of HTTP
 * @param headers {@code ETag}, {@code Retry-After} and the like, by the names of the API
 * @param document what was asked for, or a problem; empty: none
 */
public record Reply(int status, Map<String, String> headers, Optional<JsonNode> document) {

  public Reply {
    headers = Map.copyOf(headers);
    Objects.requireNonNull(document, "document");
  }
}

package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An answer that says yes.
 *
 * @param whole whether its tag, if it has one, stands for all of the body
 */
public record Answer(int status, Optional<ObjectNode> body, Map<String, String> headers, boolean whole) {

  private static final String ETAG = "ETag";

  public static Answer ok(ObjectNode body) {
    return new Answer(200, Optional.of(body), Map.of(), true);
  }

  public static Answer created(String location, ObjectNode body) {
    return new Answer(201, Optional.of(body), Map.of("Location", location), true);
  }

  public static Answer accepted(ObjectNode body) {
    return new Answer(202, Optional.of(body), Map.of(), true);
  }

  public static Answer noContent() {
    return new Answer(204, Optional.empty(), Map.of(), true);
  }

  /** Where what was made can be read. */
  public Optional<String> location() {
    return Optional.ofNullable(headers.get("Location"));
  }

  public Answer with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, body, more, whole);
  }

  /** The same with the tag of a representation, which need not be the body. */
  public Answer tagged(ObjectNode representation) {
    return with(ETAG, EntityTag.of(representation));
  }

  /** The same with the tag of what a change goes by, which is only a part of the body: it is never answered with 304. */
  public Answer guardedBy(ObjectNode part) {
    Answer tagged = tagged(part);
    return new Answer(tagged.status, tagged.body, tagged.headers, false);
  }

  /** Writes it, never cacheable: what administrators read is no business of a cache. */
  public void send(String method, Envelope request, HttpServletResponse response) throws IOException {
    headers.forEach(response::setHeader);
    response.setHeader("Cache-Control", "no-store");
    boolean read = method.equals("GET") || method.equals("HEAD");
    if (whole && read && headers.containsKey(ETAG) && EntityTag.isKnown(request, headers.get(ETAG))) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    response.setStatus(status);
    if (body.isPresent()) {
      byte[] bytes = Json.bytes(body.get());
      response.setContentType(headers.getOrDefault("Content-Type", "application/json"));
      response.setContentLength(bytes.length);
      response.getOutputStream().write(bytes); // the container drops it for HEAD
    }
  }
}

package io.gatehouse.upload;

import java.time.Instant;
import java.util.Objects;

/**
 * Something that a user has stored.
 *
 * @param id unique, ordered by time of creation
 * @param user the id of the user who is charged for it
 * @param key the id of the key by which it came
 * @param object the name of its content in the store of objects: {@code acme/ab/ab01….jpg}, made of whose folder it is in, the
 *     SHA-256 of the content and its kind, so that the same content in one folder is one object
 * @param bytes the length of its content, 1 or more
 * @param type its media type, as found in the content: {@code image/jpeg}
 * @param width in pixels, 1 or more
 * @param height in pixels, 1 or more
 * @param createdAt when it was stored, to the millisecond
 */
public record Upload(
    String id,
    String user,
    String key,
    String object,
    long bytes,
    String type,
    int width,
    int height,
    Instant createdAt) {

  public Upload {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(object, "object");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(createdAt, "createdAt");
    if (bytes < 1 || width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "bytes, width, height: " + bytes + ", " + width + ", " + height + " (expected: 1 or more)");
    }
  }

  /** The SHA-256 of the content, 64 digits of base 16. */
  public String sha256() {
    return object.substring(object.lastIndexOf('/') + 1, object.lastIndexOf('.'));
  }
}

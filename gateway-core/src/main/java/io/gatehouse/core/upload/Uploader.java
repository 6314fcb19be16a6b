package io.gatehouse.core.upload;

import java.util.Objects;

/**
 * Who uploads.
 *
 * @param user who is charged
 * @param key by which it comes
 * @param folder where it is put, by {@link ObjectName#folder}
 */
public record Uploader(String user, String key, String folder) {
  public Uploader {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(folder, "folder");
  }
}

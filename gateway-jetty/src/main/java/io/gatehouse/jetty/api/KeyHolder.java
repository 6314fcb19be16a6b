package io.gatehouse.jetty.api;

import io.gatehouse.key.ApiKey;
import java.util.Objects;

/**
 * A tenant, known by the API key of the request.
 *
 * @param key as it was when the request came
 */
public record KeyHolder(ApiKey key) implements Actor {

  /** What the ids of keys begin with where those of administrators are expected, too: {@value}. */
  public static final String PREFIX = "key:";

  public KeyHolder {
    Objects.requireNonNull(key, "key");
  }

  @Override
  public String id() {
    return PREFIX + key.id();
  }

  @Override
  public String name() {
    return key.name().isEmpty() ? key.start() : key.name();
  }
}

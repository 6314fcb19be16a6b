package io.gatehouse.core.settings;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;

/** A text that must not be seen: it is shown only by {@link #reveal}, never by {@link #toString}. */
public final class Secret {

  /** What is shown in place of a secret: {@value}. */
  public static final String MASK = "******";

  private final String text;

  public Secret(String text) {
    this.text = Objects.requireNonNull(text, "text");
  }

  /** The secret itself, for the one place that uses it. */
  public String reveal() {
    return text;
  }

  /** Compares without telling by the time taken where two secrets of one length differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return MASK;
  }

  private byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

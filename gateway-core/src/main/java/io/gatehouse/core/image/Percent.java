package io.gatehouse.core.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Percent-encoding of RFC 3986 section 2.1. */
final class Percent {

  private Percent() {}

  /** Decodes once. Null: it is not percent-encoding, or what it stands for is no UTF-8. */
  static @Nullable String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[raw.length];
    int size = 0;
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes[size++] = raw[i];
        continue;
      }
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        return null;
      }
      bytes[size++] = (byte) (high << 4 | low);
      i += 2;
    }
    byte[] decoded = Arrays.copyOf(bytes, size);
    return Base64Url.utf8(decoded).orElse(null);
  }
}

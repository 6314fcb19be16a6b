package io.gatehouse.core.image;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Base64 of RFC 4648 section 5 as imgproxy reads it: padding may stand at the end and is not asked for. */
final class Base64Url {

  private Base64Url() {}

  /** Whether imgproxy could decode it; nothing is readable as no bytes. */
  static boolean readable(String text) {
    int length = unpadded(text);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!Word.letterOrDigit(c) && c != '-' && c != '_') {
        return false;
      }
    }
    return length % 4 != 1;
  }

  /** Empty when it is not readable or what it stands for is no UTF-8. */
  static Optional<String> decode(String text) {
    return readable(text) ? utf8(Base64.getUrlDecoder().decode(text.substring(0, unpadded(text)))) : Optional.empty();
  }

  static String encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static Optional<String> utf8(byte[] bytes) {
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException notUtf8) {
      return Optional.empty();
    }
  }

  private static int unpadded(String text) {
    int length = text.length();
    while (length > 0 && text.charAt(length - 1) == '=') {
      length--;
    }
    return length;
  }
}

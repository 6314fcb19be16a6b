package io.gatehouse.key;

import java.util.regex.Pattern;

/** What is kept of the text of an API key, by which the key is known when it comes. */
public sealed interface KeyImage permits KeyDigest, SlowHash {

  /**
   * Reads the hash of a key that somebody else has made: its SHA-256 as 64 hexadecimal digits, or bcrypt.
   *
   * @throws IllegalArgumentException when the text is neither; the message does not quote it
   */
  static KeyImage parse(String text) {
    if (text.startsWith("$")) {
      return new SlowHash(text);
    }
    if (!Pattern.matches("[0-9a-fA-F]{64}", text)) {
      throw new IllegalArgumentException(
          "hash: (not shown) (expected: the SHA-256 as 64 hexadecimal digits, or bcrypt as $2b$10$ and 53 characters)");
    }
    return KeyDigest.ofHex(KeyDigest.UNPEPPERED, text);
  }
}

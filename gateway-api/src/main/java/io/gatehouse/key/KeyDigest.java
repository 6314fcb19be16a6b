package io.gatehouse.key;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The one-way image of an API key by which it is looked up; the key itself is never stored. 256 bits as four words, so
 * that it is a value: equal by content, cheap to hash, impossible to change.
 *
 * @param version which pepper made it, 1 or more; {@value #UNPEPPERED}: none, it is the SHA-256 of a key that was
 *     imported
 * @param a the first 64 bits, big-endian
 * @param b the second
 * @param c the third
 * @param d the last
 */
public record KeyDigest(int version, long a, long b, long c, long d) implements KeyImage {

  /** The version of digests that no pepper made: {@value}. */
  public static final int UNPEPPERED = 0;

  public KeyDigest {
    if (version < UNPEPPERED) {
      throw new IllegalArgumentException("version: " + version + " (expected: 0 or more)");
    }
  }

  /**
   * Takes the 32 bytes of a digest.
   *
   * @throws IllegalArgumentException when there are not exactly 32
   */
  public static KeyDigest of(int version, byte[] bytes) {
    if (bytes.length != 32) {
      throw new IllegalArgumentException("bytes: " + bytes.length + " (expected: 32)");
    }
    ByteBuffer words = ByteBuffer.wrap(bytes);
    return new KeyDigest(version, words.getLong(), words.getLong(), words.getLong(), words.getLong());
  }

  /**
   * Takes 64 hexadecimal digits.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static KeyDigest ofHex(int version, String hex) {
    return of(version, HexFormat.of().parseHex(hex));
  }

  /** The 256 bits as 64 lower-case hexadecimal digits, without the version. */
  public String hex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(a) + hex.toHexDigits(b) + hex.toHexDigits(c) + hex.toHexDigits(d);
  }
}

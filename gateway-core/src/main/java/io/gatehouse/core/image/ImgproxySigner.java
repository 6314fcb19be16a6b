package io.gatehouse.core.image;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * imgproxy's own signature: HMAC-SHA-256 under the key over salt and path, cut to the configured size, in
 * URL-safe Base64 without padding (docs.imgproxy.net, Signing a URL). Signs with the first pair and verifies
 * with any, so that pairs can be replaced while both are set in imgproxy. Any thread; does not block; never
 * shows keys or salts.
 */
public final class ImgproxySigner {

  /** A whole digest, in bytes: {@value}. */
  public static final int WHOLE = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private final List<Pair> pairs;
  private final int size;

  /** Signatures of {@value #WHOLE} bytes. */
  public ImgproxySigner(List<Pair> pairs) {
    this(pairs, WHOLE);
  }

  /**
   * Signatures of a size.
   *
   * @param pairs as in imgproxy's {@code IMGPROXY_KEY} and {@code IMGPROXY_SALT}; at least one
   * @param size of a signature in bytes, 1 to {@value #WHOLE}; imgproxy's {@code IMGPROXY_SIGNATURE_SIZE}
   */
  public ImgproxySigner(List<Pair> pairs, int size) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("pairs: none (expected: at least one)");
    }
    if (size < 1 || size > WHOLE) {
      throw new IllegalArgumentException("size: " + size + " (expected: 1 to " + WHOLE + ")");
    }
    this.pairs = List.copyOf(pairs);
    this.size = size;
  }

  /** The signature of a path, which begins with a slash and has none yet. */
  public String sign(String unsigned) {
    return Base64Url.encode(pairs.get(0).digest(unsigned, size));
  }

  /** The path with its signature in front. */
  public String signed(String unsigned) {
    return "/" + sign(unsigned) + unsigned;
  }

  /**
   * Whether a signature is one of this path under any of the pairs. Takes the same time for all wrong ones of
   * a length.
   */
  public boolean verify(String signature, String unsigned) {
    byte[] given = signature.getBytes(StandardCharsets.UTF_8);
    boolean right = false;
    for (Pair pair : pairs) {
      // As text: the last character of a shorter digest has bits that Base64 ignores, and only one spelling is right.
      byte[] expected = Base64Url.encode(pair.digest(unsigned, size)).getBytes(StandardCharsets.UTF_8);
      right |= MessageDigest.isEqual(given, expected);
    }
    return right;
  }

  /** Whether the signature of a path is right. */
  public boolean verify(ImagePath path) {
    return verify(path.signature(), path.unsigned());
  }

  /** A key and its salt. Immutable, and shows nothing of them. */
  public static final class Pair {

    private final SecretKeySpec key;
    private final byte[] salt;

    /** From bytes; the key is not empty. */
    public Pair(byte[] key, byte[] salt) {
      if (key.length == 0) {
        throw new IllegalArgumentException("key: empty (expected: at least 1 byte)");
      }
      this.key = new SecretKeySpec(key, ALGORITHM);
      this.salt = salt.clone();
    }

    /** From hexadecimal digits, as imgproxy's settings have them. */
    public static Pair ofHex(String key, String salt) {
      return new Pair(bytes("key", key), bytes("salt", salt));
    }

    private static byte[] bytes(String what, String hex) {
      try {
        return HexFormat.of().parseHex(hex.strip());
      } catch (IllegalArgumentException notHex) {
        // Without the cause, which shows characters of a secret.
        throw new IllegalArgumentException(
            what + ": " + hex.length() + " characters (expected: an even number of hexadecimal digits)");
      }
    }

    private byte[] digest(String unsigned, int size) {
      try {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(key);
        mac.update(salt);
        byte[] whole = mac.doFinal(unsigned.getBytes(StandardCharsets.UTF_8));
        return size == WHOLE ? whole : Arrays.copyOf(whole, size);
      } catch (GeneralSecurityException missing) {
        throw new IllegalStateException("This Java has no " + ALGORITHM, missing);
      }
    }

    @Override
    public String toString() {
      return "Pair[...]";
    }
  }
}

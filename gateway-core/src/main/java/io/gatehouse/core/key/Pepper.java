package io.gatehouse.core.key;

import io.gatehouse.key.KeyDigest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The secret with which keys are digested, kept outside the database: HMAC-SHA-256 (RFC 2104). Keys are random and
 * long, so no slow hash is needed; without the pepper a stolen database can neither be searched nor added to.
 *
 * <p>Any number of threads.
 */
public final class Pepper {

  private static final String ALGORITHM = "HmacSHA256";

  private final int version;
  private final SecretKeySpec secret;
  private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);

  /**
   * A pepper.
   *
   * @param version its number, 1 or more, kept with every digest
   * @param secret at least 32 bytes; copied
   */
  public Pepper(int version, byte[] secret) {
    if (version < 1) {
      throw new IllegalArgumentException("version: " + version + " (expected: 1 or more)");
    }
    if (secret.length < 32) {
      throw new IllegalArgumentException("secret: " + secret.length + " bytes (expected: 32 or more)");
    }
    this.version = version;
    this.secret = new SecretKeySpec(secret, ALGORITHM);
    newMac();
  }

  /** The digest of a key as presented. */
  public KeyDigest digest(String key) {
    return scratches.get().digest(key);
  }

  public int version() {
    return version;
  }

  /**
   * An image of the pepper by which two nodes can find out that theirs are the same: 64 hexadecimal digits that no key
   * has as its digest.
   */
  public String fingerprint() {
    return digest("the fingerprint of the pepper, which is not a key").hex();
  }

  private Mac newMac() {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      return mac;
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException(ALGORITHM + " is missing from this Java", (GeneralSecurityException) e);
    }
  }

  /** What one thread digests with, one key after the other. */
  private final class Scratch {

    private static final int LENGTH = 64;
    private static final int RECENT = 64;

    private final Mac mac = newMac();
    private final byte[] bytes = new byte[LENGTH];
    private final byte[] digest = new byte[32];
    private final ByteBuffer words = ByteBuffer.wrap(digest);

    /** Digests of late, each in the place that its last bits name, so that those of busy keys are not made anew. */
    private final @Nullable KeyDigest[] recent = new KeyDigest[RECENT];

    KeyDigest digest(String key) {
      add(key);
      try {
        mac.doFinal(digest, 0);
      } catch (ShortBufferException e) {
        throw new IllegalStateException(ALGORITHM + " is longer than 32 bytes in this Java", e);
      }
      int place = digest[31] & (RECENT - 1);
      KeyDigest known = recent[place];
      if (known != null
          && known.a() == words.getLong(0)
          && known.b() == words.getLong(8)
          && known.c() == words.getLong(16)
          && known.d() == words.getLong(24)) {
        return known;
      }
      KeyDigest fresh = KeyDigest.of(version, digest);
      recent[place] = fresh;
      return fresh;
    }

    /** Keys are short and ASCII, so their bytes need not be made anew for each request. */
    private void add(String key) {
      int length = key.length();
      if (length > LENGTH) {
        mac.update(key.getBytes(StandardCharsets.UTF_8));
        return;
      }
      for (int i = 0; i < length; i++) {
        char c = key.charAt(i);
        if (c >= 0x80) {
          mac.update(key.getBytes(StandardCharsets.UTF_8));
          return;
        }
        bytes[i] = (byte) c;
      }
      mac.update(bytes, 0, length);
      Arrays.fill(bytes, 0, length, (byte) 0);
    }
  }
}

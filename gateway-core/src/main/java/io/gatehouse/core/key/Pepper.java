package io.gatehouse.core.key;

import io.gatehouse.key.KeyDigest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

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
  private final ThreadLocal<Mac> macs = ThreadLocal.withInitial(this::newMac);

  /**
   * A pepper.
   *
   * @param version its number, 1 or more, kept with every digest
   * @param secret at least 32 bytes; copied
   */
  public Pepper(int version, byte[] secret) {
    if (secret.length < 32) {
      throw new IllegalArgumentException("secret: " + secret.length + " bytes (expected: 32 or more)");
    }
    this.version = version;
    this.secret = new SecretKeySpec(secret, ALGORITHM);
    newMac();
  }

  /** The digest of a key as presented. */
  public KeyDigest digest(String key) {
    return KeyDigest.of(version, macs.get().doFinal(key.getBytes(StandardCharsets.UTF_8)));
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
}

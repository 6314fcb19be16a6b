package io.gatehouse.core.key;

import io.gatehouse.key.KeyDigest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals a text so that only who knows a word, and has the pepper, can open it: AES-256-GCM with a random nonce, under a key
 * that is the HMAC of the word with the pepper. The word is not kept; what of it is stored is another digest of it, by which
 * the sealed text is found. Any number of threads; does not block.
 */
public final class Seal {

  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final Pepper pepper;
  private final SecureRandom random = new SecureRandom();

  public Seal(Pepper pepper) {
    this.pepper = pepper;
  }

  /** A digest that cannot be turned back, of a text that need not be long or random: 64 hexadecimal digits. */
  public String digest(String text) {
    return pepper.digest("found by\n" + text).hex();
  }

  /** Seals a text for who knows the word. */
  public String close(String word, String text) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, word, nonce).doFinal(text.getBytes(StandardCharsets.UTF_8));
      Base64.Encoder base64 = Base64.getEncoder();
      return base64.encodeToString(nonce) + "." + base64.encodeToString(sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(CIPHER + " is missing from this Java", e);
    }
  }

  /** The text; empty when it was sealed with another word or pepper, or was touched. */
  public Optional<String> open(String word, String sealed) {
    int dot = sealed.indexOf('.');
    try {
      byte[] nonce = Base64.getDecoder().decode(sealed.substring(0, Math.max(0, dot)));
      byte[] bytes = Base64.getDecoder().decode(sealed.substring(dot + 1));
      byte[] text = cipher(Cipher.DECRYPT_MODE, word, nonce).doFinal(bytes);
      return Optional.of(new String(text, StandardCharsets.UTF_8));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Cipher cipher(int mode, String word, byte[] nonce) throws GeneralSecurityException {
    KeyDigest digest = pepper.digest("sealed with\n" + word);
    SecretKeySpec key = new SecretKeySpec(HexFormat.of().parseHex(digest.hex()), "AES");
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }
}

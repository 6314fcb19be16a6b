package io.gatehouse.image;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs the URLs of pictures with a signing secret of an API key, and tells whether one was signed with it.
 *
 * <pre>{@code
 * UrlSigner signer = new UrlSigner(keyId, signingSecret);
 * String path = signer.sign("rs:fit:300:200", "local:///a.jpg", Instant.now().plus(Duration.ofHours(1)));
 * }</pre>
 *
 * <p>The signature is the HMAC-SHA-256 (RFC 2104) of these four lines, joined by line feeds and with none
 * behind the last, under the ASCII characters of the secret as it was shown; in base64url (RFC 4648, 5)
 * without padding:
 *
 * <pre>
 * gatehouse-url-v1
 * &lt;id of the key&gt;
 * &lt;expiry: seconds since 1970, or 0&gt;
 * &lt;all that stands behind the signature in the path&gt;
 * </pre>
 *
 * <p>None of them can hold a line feed, so no two URLs have the same four lines. The prefix is not signed:
 * whoever runs the gateway may serve the same URLs elsewhere.
 *
 * <p>Any number of threads; does not block. Nothing here shows the secret.
 */
public final class UrlSigner {
  /** What signed URLs begin with unless the gateway is told otherwise: {@value}. */
  public static final String PREFIX = "/i";
  /** The first of the lines that are signed: {@value}. */
  public static final String VERSION = "gatehouse-url-v1";
  /** The shortest secret, in characters: {@value}. */
  public static final int SHORTEST_SECRET = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final Pattern SECRET = Pattern.compile("[!-~]{" + SHORTEST_SECRET + ",256}");
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final String prefix;
  private final String key;
  private final SecretKeySpec secret;

  /**
   * Signs URLs that begin with {@value #PREFIX}.
   *
   * @param key the id of the API key, as {@link SignedUrl#key}
   * @param secret as it was shown: {@value #SHORTEST_SECRET} to 256 visible characters of ASCII
   * @throws IllegalArgumentException when one of them is not so; the message does not quote the secret
   */
  public UrlSigner(String key, String secret) {
    this(PREFIX, key, secretOf(secret));
    SignedUrl.requireKey(key);
  }

  private UrlSigner(String prefix, String key, SecretKeySpec secret) {
    this.prefix = prefix;
    this.key = key;
    this.secret = secret;
  }

  private static SecretKeySpec secretOf(String text) {
    if (!SECRET.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "secret: " + text.length() + " characters (expected: " + SHORTEST_SECRET + " to 256 visible ones of ASCII)");
    }
    return new SecretKeySpec(text.getBytes(StandardCharsets.US_ASCII), ALGORITHM);
  }

  /** The same for URLs that begin otherwise; {@code https://img.example.com/i} makes whole URLs. */
  public UrlSigner below(String other) {
    return new UrlSigner(other, key, secret);
  }

  /**
   * Signs a URL that is worth something until a moment.
   *
   * @param options of imgproxy, with slashes between them and none around: {@code rs:fit:300:200/q:80}; may
   *     be empty
   * @param source where the picture is: {@code https://example.com/a.jpg}, {@code local:///a.jpg}
   * @param expiresAt finer parts than seconds are cut off
   * @throws IllegalArgumentException when the options cannot stand in a path, or the moment is out of range
   */
  public String sign(String options, String source, Instant expiresAt) {
    return sign(image(options, source), Optional.of(expiresAt.truncatedTo(ChronoUnit.SECONDS)));
  }

  /** Signs a URL without an end, which a gateway takes only if it is told to; otherwise as above. */
  public String sign(String options, String source) {
    return sign(image(options, source), Optional.empty());
  }

  /**
   * Signs what is written as a path already.
   *
   * @param image as {@link SignedUrl#image}
   * @param expiresAt in whole seconds
   * @throws IllegalArgumentException when one of them is out of range
   */
  public String sign(String image, Optional<Instant> expiresAt) {
    SignedUrl.requireImage(image);
    expiresAt.ifPresent(SignedUrl::requireEnd);
    String signature = signature(key, SignedUrl.seconds(expiresAt), image);
    return new SignedUrl(key, expiresAt, signature, image).path(prefix);
  }

  /** Options and a source as they stand in a path: the source as the base64url of its UTF-8. */
  public static String image(String options, String source) {
    String encoded = BASE64.encodeToString(source.getBytes(StandardCharsets.UTF_8));
    return options.isEmpty() ? encoded : options + "/" + encoded;
  }

  /**
   * Whether a URL was signed with this secret, for this key. The time that it takes does not tell where
   * signatures differ, and says nothing of whether the URL has expired.
   */
  public boolean verifies(SignedUrl url) {
    // For the key of the URL, so that those of other keys take as long.
    String expected = signature(url.key(), SignedUrl.seconds(url.expiresAt()), url.image());
    boolean same = MessageDigest.isEqual(ascii(expected), ascii(url.signature()));
    return same & key.equals(url.key());
  }

  private String signature(String key, String expiry, String image) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      mac.update(ascii(VERSION + "\n" + key + "\n" + expiry + "\n" + image));
      return BASE64.encodeToString(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " is missing from this Java", e);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "UrlSigner[key=" + key + "]";
  }
}

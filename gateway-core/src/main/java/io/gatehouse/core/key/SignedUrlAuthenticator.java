package io.gatehouse.core.key;

import io.gatehouse.Inbound;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.access.Authenticator;
import io.gatehouse.image.SignedUrl;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.key.SigningSecretAdmin;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Recognises who has signed the URL of a request. Below its prefix it has the last word, whatever else the
 * request carries: what passes has a right signature of a key that may be used, and has not expired. What the
 * key may do otherwise, from where and how much, is as if the request carried the key itself.
 *
 * <p>An unknown key, a key without secrets and a wrong signature take the same way and look the same: there
 * is one look-up, which is remembered whatever it finds, and as many signatures are made as a key can have
 * secrets. Only who shows a right signature is told more.
 *
 * <p>Any number of threads; blocks as the store does when the key is not remembered.
 */
public final class SignedUrlAuthenticator implements Authenticator {
  /** What becomes of URLs without an end. */
  public enum Endless {
    REFUSED,
    ADMITTED
  }

  /** The rule that URLs have to have an end: {@value}. */
  public static final String EXPIRY_RULE = "image-expiry";

  private static final Result ABSENT = new Result.Absent();
  private static final Result MALFORMED = rejected(
      Reason.BAD_REQUEST, "This is not the form of a signed URL: key, expiry, signature, options and source.");
  private static final Result INVALID = rejected(Reason.SIGNATURE_INVALID, "The signature of the URL is not valid.");
  private static final Result ENDLESS = new Result.Rejected(
      new Refusal(Reason.IMAGE_FORBIDDEN, "Signed URLs have to have an end here.", Duration.ZERO, EXPIRY_RULE));
  private static final Result EXPIRED = rejected(Reason.URL_EXPIRED, "The URL has expired.");

  private final String prefix;
  private final EntitlementCache cache;
  private final EntitlementRules rules;
  private final Pepper pepper;
  private final KeyAuthenticator keys;
  private final Endless endless;
  private final InstantSource clock;
  /** Signs in the place of secrets that are not there. */
  private final UrlSigner decoy;

  /**
   * An authenticator.
   *
   * @param prefix what signed URLs begin with, {@code /i}
   * @param cache one that was given {@link SigningSecrets}
   * @param rules tell what a key may do
   * @param pepper the one in use
   * @param keys says which keys may be used
   */
  public SignedUrlAuthenticator(
      String prefix,
      EntitlementCache cache,
      EntitlementRules rules,
      Pepper pepper,
      KeyAuthenticator keys,
      Endless endless,
      InstantSource clock) {
    this.prefix = prefix;
    this.cache = cache;
    this.rules = rules;
    this.pepper = pepper;
    this.keys = keys;
    this.endless = endless;
    this.clock = clock;
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    this.decoy = new UrlSigner("-", HexFormat.of().formatHex(random));
  }

  @Override
  public Result authenticate(Inbound request) {
    String path = request.path();
    if (!SignedUrl.isBelow(prefix, path)) {
      return ABSENT;
    }
    Optional<SignedUrl> read = SignedUrl.parse(prefix, path);
    if (read.isEmpty()) {
      return MALFORMED;
    }
    SignedUrl url = read.get();
    Optional<KnownKey> known = cache.named(pepper, url.key());
    if (!verified(url, known.map(KnownKey::signers).orElse(List.of()))) {
      return INVALID;
    }
    if (url.expiredAt(clock.instant())) {
      return EXPIRED;
    }
    if (url.expiresAt().isEmpty() && endless == Endless.REFUSED) {
      return ENDLESS;
    }
    KnownKey signed = known.orElseThrow();
    return keys.judge(signed.key(), () -> signed.caller(rules));
  }

  private boolean verified(SignedUrl url, List<UrlSigner> signers) {
    boolean verified = false;
    for (int i = 0; i < SigningSecretAdmin.MOST_SECRETS; i++) {
      UrlSigner signer = i < signers.size() ? signers.get(i) : decoy;
      verified |= signer.verifies(url);
    }
    return verified;
  }

  private static Result rejected(Reason reason, String detail) {
    return new Result.Rejected(Refusal.of(reason, detail));
  }
}

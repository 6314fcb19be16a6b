package io.gatehouse.image;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The path of a picture that anybody may ask for who has it:
 * {@code <prefix>/<key>/<expiry>/<signature>/<image>}, such as
 * {@code /i/4fzyo82mvyr9/1764000000/ViLk…/rs:fit:300:200/bG9jYWw6Ly8vYS5qcGc}.
 *
 * @param key the id of the API key whose signing secret has signed it: 1 to 64 letters, digits, underscores
 *     and hyphens
 * @param expiresAt the first moment at which it is worth nothing, in whole seconds from 1970 to the year
 *     5138; empty: it has no end. Written as seconds since 1970, and as {@code 0} where there is no end
 * @param signature 43 characters of base64url (RFC 4648, 5) without padding, as {@link UrlSigner} makes them
 * @param image what is asked for, exactly as in the path: options of imgproxy, a slash each, and the
 *     base64url of the source, perhaps with an extension behind it
 */
public record SignedUrl(String key, Optional<Instant> expiresAt, String signature, String image) {
  /** The longest path that is read, in characters: {@value}. */
  public static final int LONGEST = 8192;

  private static final Pattern KEY = Pattern.compile("[0-9A-Za-z_-]{1,64}");
  /** One moment is written in one way only, so that no two URLs are the same one. */
  private static final Pattern EXPIRY = Pattern.compile("0|[1-9][0-9]{0,10}");
  private static final Pattern SIGNATURE = Pattern.compile("[0-9A-Za-z_-]{43}");
  /** Visible ASCII but what begins a query or fragment, and backslashes, which some take for slashes. */
  private static final Pattern IMAGE = Pattern.compile("[!-~&&[^?#\\\\/]][!-~&&[^?#\\\\]]*");
  private static final Pattern PATH =
      Pattern.compile("/(" + KEY + ")/(" + EXPIRY + ")/(" + SIGNATURE + ")/(" + IMAGE + ")");
  private static final Instant LAST = Instant.ofEpochSecond(99_999_999_999L);

  public SignedUrl {
    requireKey(key);
    expiresAt.ifPresent(SignedUrl::requireEnd);
    if (!SIGNATURE.matcher(signature).matches()) {
      throw new IllegalArgumentException("signature: (not shown) (expected: 43 characters of base64url)");
    }
    requireImage(image);
  }

  /** Whether a path is meant as a signed URL, well formed or not. */
  public static boolean isBelow(String prefix, String path) {
    return path.startsWith(prefix) && path.startsWith("/", prefix.length());
  }

  /**
   * Reads a path.
   *
   * @param prefix what signed URLs begin with, {@code /i}
   * @param path as received, percent-encoding untouched, without a query
   * @return empty when it is not written as a signed URL is
   */
  public static Optional<SignedUrl> parse(String prefix, String path) {
    if (path.length() > LONGEST || !isBelow(prefix, path)) {
      return Optional.empty();
    }
    Matcher parts = PATH.matcher(path).region(prefix.length(), path.length());
    if (!parts.matches()) {
      return Optional.empty();
    }
    long seconds = Long.parseLong(parts.group(2));
    Optional<Instant> end = seconds == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
    return Optional.of(new SignedUrl(parts.group(1), end, parts.group(3), parts.group(4)));
  }

  /** Whether it is worth nothing any more at {@code now}. */
  public boolean expiredAt(Instant now) {
    return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
  }

  /** The path, which {@link #parse} reads. */
  public String path(String prefix) {
    return prefix + "/" + key + "/" + seconds(expiresAt) + "/" + signature + "/" + image;
  }

  static String seconds(Optional<Instant> expiresAt) {
    return Long.toString(expiresAt.isPresent() ? expiresAt.get().getEpochSecond() : 0);
  }

  static void requireKey(String key) {
    if (!KEY.matcher(Objects.requireNonNull(key, "key")).matches()) {
      throw new IllegalArgumentException("key: " + key + " (expected: 1 to 64 letters, digits, _ and -)");
    }
  }

  static void requireEnd(Instant end) {
    if (end.getNano() != 0 || end.getEpochSecond() < 1 || end.isAfter(LAST)) {
      throw new IllegalArgumentException("expiresAt: " + end + " (expected: whole seconds from 1970 to 5138)");
    }
  }

  static void requireImage(String image) {
    if (!IMAGE.matcher(image).matches()) {
      throw new IllegalArgumentException(
          "image: " + image + " (expected: options and a source such as rs:fit:300:200/bG9jYWw6Ly8vYS5qcGc)");
    }
  }
}

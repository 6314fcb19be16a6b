package io.gatehouse.jetty.admin;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Predicate;

/**
 * Tells administrators, or backends that register themselves, by {@code Authorization: Bearer <token>}. Digests are compared, in constant time, so that neither
 * the token nor its length can be found out by timing.
 */
public final class AdminToken implements Predicate<HttpServletRequest> {

  private static final String BEARER = "Bearer ";

  private final byte[] digest;

  public AdminToken(String token) {
    this.digest = sha256(token);
  }

  /** Whether the request carries the token. */
  @Override
  public boolean test(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    return authorization != null
        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && MessageDigest.isEqual(digest, sha256(authorization.substring(BEARER.length()).strip()));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java", e);
    }
  }
}

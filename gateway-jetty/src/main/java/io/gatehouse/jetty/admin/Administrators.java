package io.gatehouse.jetty.admin;

import io.gatehouse.StoreException;
import io.gatehouse.access.Cidr;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.Role;
import io.gatehouse.core.key.AdministratorTokens;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.api.Caller;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Tells administrators by {@code Authorization: Bearer <token>}: a token of the configuration, or one of the
 * store.
 * Digests are compared, those of the configuration in constant time, so that no token can be found out by timing. What
 * cannot be a token of the store is told without asking it, and those that can are looked up each time, so that one that
 * was taken away is worth nothing at once.
 *
 * <p>An address that has sent {@value #FAILURES_PER_MINUTE} wrong tokens is not listened to until a minute has given some
 * of them back, whatever it sends then: otherwise a right guess would still be told from a wrong one. What it has sent at
 * the same moment is looked at, and counts. A request without a token is no guess.
 *
 * <p>Any number of threads; blocks as the store does.
 */
public final class Administrators implements Predicate<HttpServletRequest> {

  /** How many wrong tokens an address may send in a minute: {@value}. */
  public static final int FAILURES_PER_MINUTE = 10;

  private static final String BEARER = "Bearer ";
  private static final Limit FAILURES = Limit.of(FAILURES_PER_MINUTE, Duration.ofMinutes(1));

  private static final Set<Role> READERS = Set.of(Role.OWNER, Role.OPERATOR, Role.VIEWER);

  private final byte[] configured;

  /** Empty when backends do not register themselves with a token of the configuration. */
  private final byte[] registration;

  private final AdministratorTokens tokens;
  private final AdministratorAdmin kept;
  private final RateLimiter limiter;
  private final Supplier<TrustedProxies> proxies;
  private final int ipv6Prefix;

  /**
   * Those of a configuration and a store.
   *
   * @param token of the configuration
   * @param registrationToken of the configuration, for backends that register themselves
   * @param limiter of this process; it must not block
   * @param proxies who is believed when they say for whom they ask; asked each time
   * @param ipv6Prefix how many bits of an IPv6 address make one client, 1 to 128
   */
  public Administrators(
      String token,
      Optional<String> registrationToken,
      Stores stores,
      RateLimiter limiter,
      Supplier<TrustedProxies> proxies,
      int ipv6Prefix) {
    this.configured = sha256(token);
    this.registration = registrationToken.map(Administrators::sha256).orElse(new byte[0]);
    this.tokens = stores.tokens();
    this.kept = stores.administrators();
    this.limiter = limiter;
    this.proxies = proxies;
    this.ipv6Prefix = ipv6Prefix;
  }

  /** Whether the request comes from somebody who may read all that the gateway tells of itself. */
  @Override
  public boolean test(HttpServletRequest request) {
    try {
      return find(request).filter(caller -> READERS.contains(caller.role())).isPresent();
    } catch (ProblemException | StoreException e) {
      return false; // what such a request is answered shows enough of itself to everybody
    }
  }

  /** Who asks, or the end of the request: with 401, or with 429 after too many wrong tokens. */
  Caller require(HttpServletRequest request) {
    return find(request).orElseThrow(ProblemException::unauthorized);
  }

  /** The address of the client, behind proxies that are trusted. */
  String address(HttpServletRequest request) {
    return client(request).getHostAddress();
  }

  private Optional<Caller> find(HttpServletRequest request) {
    Optional<String> token = token(request);
    if (token.isEmpty()) {
      return Optional.empty();
    }
    List<Charge> failure = List.of(new Charge("admin-failures", Cidr.client(client(request), ipv6Prefix), FAILURES, 1));
    if (limiter.peek(failure) instanceof Decision.Denied denied) {
      throw ProblemException.tooManyFailures(Duration.ofNanos(denied.retryAfterNanos()));
    }
    Optional<Caller> caller = caller(token.get());
    if (caller.isEmpty()) {
      limiter.tryAcquire(failure);
    }
    return caller;
  }

  private Optional<Caller> caller(String token) {
    byte[] digest = sha256(token);
    if (MessageDigest.isEqual(configured, digest)) {
      return Optional.of(Caller.CONFIGURATION);
    }
    if (MessageDigest.isEqual(registration, digest)) {
      return Optional.of(Caller.REGISTRATION);
    }
    return tokens.digests(token).stream().map(kept::find).flatMap(Optional::stream).findFirst().map(Caller::of);
  }

  private static Optional<String> token(HttpServletRequest request) {
    return Optional.ofNullable(request.getHeader("Authorization"))
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).strip());
  }

  private InetAddress client(HttpServletRequest request) {
    try {
      return proxies.get().clientOf(request);
    } catch (IllegalArgumentException e) {
      return InetAddress.getLoopbackAddress(); // the peer has no address: it came by a Unix domain socket
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java", e);
    }
  }
}

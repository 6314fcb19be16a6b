package io.gatehouse.core.settings;

import java.util.Locale;
import java.util.Set;

/**
 * Which fields of HTTP a route may set or remove. Not those that belong to one connection (RFC 9110, 7.6.1), that frame or
 * address a message, or that the gateway says itself. What identifies somebody may be removed; it may not be set, since
 * settings are printed and logged.
 */
final class FieldNames {

  /** What a name may be: {@value}. Narrower than a token of RFC 9110, 5.6.2, by what nobody uses. */
  static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}";

  private static final Set<String> RESERVED = Set.of("connection", "keep-alive", "te", "trailer", "transfer-encoding",
      "upgrade", "host", "content-length", "expect", "max-forwards", "via", "forwarded", "x-real-ip", "x-api-key",
      "proxy", "x-request-id", "traceparent", "ratelimit");

  private static final Set<String> RESERVED_BEGINNINGS =
      Set.of("proxy-", "x-forwarded-", "x-gatehouse-", "sec-websocket-", "ratelimit-", "x-ratelimit-");

  private static final Set<String> CREDENTIALS =
      Set.of("authorization", "cookie", "set-cookie", "www-authenticate");

  private FieldNames() {}

  /** Whether a route must leave a field alone. */
  static boolean isReserved(String name) {
    String plain = plain(name);
    return RESERVED.contains(plain) || RESERVED_BEGINNINGS.stream().anyMatch(plain::startsWith);
  }

  /** Whether a field says who somebody is. */
  static boolean isCredential(String name) {
    return CREDENTIALS.contains(plain(name));
  }

  /** The name by which fields are told apart that some backends cannot tell apart. */
  static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

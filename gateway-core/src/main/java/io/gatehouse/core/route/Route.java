package io.gatehouse.core.route;

import io.gatehouse.limit.Endpoint;
import io.gatehouse.upstream.Upstream;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Requests that belong together: what they have in common, and which pool is for them.
 *
 * @param name for people, logs and metrics: 1 to 40 lower-case letters, digits and hyphens, the first no hyphen
 * @param host {@code img.example.com}, or {@code *.example.com} for every name below, however many labels it has before;
 *     in lower case whatever it was given in; empty: any host, or none
 * @param path begins with a slash; {@code /img} covers {@code /img} and {@code /img/a}, not {@code /images}; {@code /}
 *     covers everything. Without percent-encoding, repeated slashes and dot segments; a slash at its end is cut off
 * @param methods as they are sent; {@code GET} covers HEAD as well; empty: any
 * @param pool the name of the pool that answers
 * @param limits the name of the endpoint as which requests are charged; empty: they are charged by their path
 */
public record Route(
    String name, Optional<String> host, String path, Set<String> methods, String pool, Optional<String> limits) {

  /** What a host may be: {@value}. */
  public static final String HOST =
      "(?:\\*\\.)?(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,62}\\.)*[A-Za-z0-9_][A-Za-z0-9_-]{0,62}|\\[[0-9A-Fa-f:.]+]";

  private static final Pattern HOSTS = Pattern.compile(HOST);
  private static final Pattern POOLS = Pattern.compile(Upstream.POOL);

  public Route {
    // An endpoint has the same names and paths, and checks them.
    path = new Endpoint(name, path, methods).path();
    methods = Set.copyOf(methods);
    host.ifPresent(pattern -> {
      if (!HOSTS.matcher(pattern).matches()) {
        throw new IllegalArgumentException("host: " + pattern + " (expected: such as example.com or *.example.com)");
      }
    });
    host = host.map(pattern -> pattern.toLowerCase(Locale.ROOT));
    if (!POOLS.matcher(pool).matches()) {
      throw new IllegalArgumentException(
          "pool: " + pool + " (expected: 1 to 40 lower-case letters, digits and hyphens)");
    }
    Objects.requireNonNull(limits, "limits");
  }

  /** Whether a host belongs to this route. Allocates nothing. */
  boolean coversHost(Optional<String> field) {
    if (host.isEmpty()) {
      return true;
    }
    if (field.isEmpty()) {
      return false;
    }
    String sent = field.get();
    int end = endOfName(sent);
    String pattern = host.get();
    if (!pattern.startsWith("*")) {
      return end == pattern.length() && sent.regionMatches(true, 0, pattern, 0, end);
    }
    int suffix = pattern.length() - 1;
    return end > suffix && sent.regionMatches(true, end - suffix, pattern, 1, suffix);
  }

  /** Where the port begins, or the dot of a name that is fully qualified. */
  private static int endOfName(String host) {
    int colon = host.startsWith("[") ? host.indexOf(':', Math.max(0, host.indexOf(']'))) : host.indexOf(':');
    int end = colon < 0 ? host.length() : colon;
    return end > 0 && host.charAt(end - 1) == '.' ? end - 1 : end;
  }

  boolean coversMethod(String method) {
    return methods.isEmpty() || methods.contains(method) || method.equals("HEAD") && methods.contains("GET");
  }

  /** Whether a target lies at or below the path, byte for byte. Allocates nothing. */
  boolean coversPath(String target) {
    if (!target.startsWith(path)) {
      return false;
    }
    int end = path.length();
    return path.isEmpty() || end == target.length() || target.charAt(end) == '/' || target.charAt(end) == '?';
  }
}

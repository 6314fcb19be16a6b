package io.gatehouse.core.cache;

import java.util.Objects;

/**
 * What answers are kept under, besides what they vary by.
 *
 * @param route by name; empty where there are no routes
 * @param tenant whose answers they are, as the rules of the route divide them; empty: anybody's
 * @param origin scheme and host that were asked for, {@code https://img.example.com}
 * @param target path and query exactly as forwarded
 */
public record CacheKey(String route, String tenant, String origin, String target) {
  public CacheKey {
    Objects.requireNonNull(route, "route");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(target, "target");
  }

  /** What {@code tenant} says of the answers that all of a tenant share. */
  public static String ofTenant(String name) {
    return "tenant " + name;
  }

  /** What {@code tenant} says of the answers that only one user gets. */
  public static String ofUser(String id) {
    return "user " + id;
  }

  long size() {
    return (long) route.length() + tenant.length() + origin.length() + target.length();
  }
}

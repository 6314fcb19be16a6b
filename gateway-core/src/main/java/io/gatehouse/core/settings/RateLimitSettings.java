package io.gatehouse.core.settings;

import io.gatehouse.limit.Limit;
import java.util.List;

/**
 * How fast callers may be. Each level has one limit per window that is set, the shortest window first; an empty list
 * is no limit.
 *
 * @param ipLevel for each client address; default 100 a minute with a burst of 20
 * @param userLevel for each user who has no limits of their own; default 1,000 a minute and 10,000 an hour
 * @param apiLevel for all callers of this gateway together; default 5,000 a minute
 * @param ipv6Prefix how many bits of an IPv6 address tell clients apart, 32 to 128; default 64
 * @param whenUnreachable what is decided while the shared counts are away; default by this node alone
 */
public record RateLimitSettings(
    List<Limit> ipLevel,
    List<Limit> userLevel,
    List<Limit> apiLevel,
    int ipv6Prefix,
    WhenUnreachable whenUnreachable) {

  /** What is decided while the shared counts are away. */
  public enum WhenUnreachable {
    /** Each node counts alone. */
    LOCAL,
    /** Every request passes. */
    OPEN,
    /** No request passes. */
    CLOSED
  }

  public RateLimitSettings {
    ipLevel = List.copyOf(ipLevel);
    userLevel = List.copyOf(userLevel);
    apiLevel = List.copyOf(apiLevel);
  }
}

package io.gatehouse.core.settings;

import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.List;

/**
 * How fast callers may be. Each level has one limit per window that is set, the shortest window first, and then perhaps
 * one of requests under way; an empty list is no limit.
 *
 * @param ipLevel for each client address; default 100 a minute with a burst of 20
 * @param userLevel for each user who has no limits of their own; default 1,000 a minute and 10,000 an hour
 * @param keyLevel for each key that has no limits of its own; default none
 * @param tenantLevel for all users together of each tenant that has no limits of its own; default none
 * @param apiLevel for all callers of this gateway together; default 5,000 a minute
 * @param endpoints parts of the API, the first that covers a request holds; default none
 * @param concurrencyTimeout how long requests under way of a node that is heard of no more are counted; default 1 min
 * @param refusalsPerMinute after how many refusals in a minute a client address is refused at once; 0: never; default 600
 * @param ipv6Prefix how many bits of an IPv6 address tell clients apart, 32 to 128; default 64
 * @param whenUnreachable what is decided while the shared counts are away; default by this node alone
 */
public record RateLimitSettings(
    List<Limit> ipLevel,
    List<Limit> userLevel,
    List<Limit> keyLevel,
    List<Limit> tenantLevel,
    List<Limit> apiLevel,
    List<EndpointLimits> endpoints,
    Duration concurrencyTimeout,
    long refusalsPerMinute,
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
    keyLevel = List.copyOf(keyLevel);
    tenantLevel = List.copyOf(tenantLevel);
    apiLevel = List.copyOf(apiLevel);
    endpoints = List.copyOf(endpoints);
  }
}

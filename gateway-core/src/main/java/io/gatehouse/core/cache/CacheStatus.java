package io.gatehouse.core.cache;

import org.jspecify.annotations.Nullable;

/**
 * What a cache tells of its part in an answer: {@code Cache-Status}, RFC 9211. Immutable.
 *
 * @param forwarded why a backend was asked, {@code uri-miss}; null for a hit
 * @param status of what the backend answered, if the client gets another; 0 otherwise
 * @param ttlSeconds for how long it is fresh yet, if that is known
 * @param stored whether it is kept
 * @param collapsed whether it was asked for another client
 * @param detail in a word; null when there is nothing to say
 */
public record CacheStatus(
    @Nullable String forwarded, int status, @Nullable Long ttlSeconds, boolean stored, boolean collapsed,
    @Nullable String detail) {

  /** No backend was asked; of what is stale the time is below zero. */
  public static CacheStatus hit(long ttlMillis) {
    long seconds = seconds(ttlMillis);
    return new CacheStatus(null, 0, ttlMillis > 0 ? seconds : Math.min(-1, seconds), false, false, null);
  }

  /** Whole seconds, as many as the difference of a life and an age in whole seconds would be. */
  public static long seconds(long ttlMillis) {
    return -Math.floorDiv(-ttlMillis, 1000L);
  }

  /** A backend is asked, and nothing is kept. */
  public static CacheStatus forwarded(String why, @Nullable String detail) {
    return new CacheStatus(why, 0, null, false, false, detail);
  }

  public boolean isHit() {
    return forwarded == null;
  }

  /** In a word, for logs: {@code hit}, {@code stale}, or why a backend was asked. */
  public String word() {
    if (forwarded != null) {
      return collapsed ? "collapsed" : forwarded;
    }
    return ttlSeconds != null && ttlSeconds < 0 ? "stale-hit" : "hit";
  }

  /** The member of the list. */
  public String text(String name) {
    StringBuilder text = new StringBuilder(name);
    if (forwarded == null) {
      text.append("; hit");
    } else {
      text.append("; fwd=").append(forwarded);
      if (status != 0) {
        text.append("; fwd-status=").append(status);
      }
    }
    if (ttlSeconds != null) {
      text.append("; ttl=").append(ttlSeconds);
    }
    text.append(stored ? "; stored" : "").append(collapsed ? "; collapsed" : "");
    if (detail != null) {
      text.append("; detail=").append(detail);
    }
    return text.toString();
  }
}

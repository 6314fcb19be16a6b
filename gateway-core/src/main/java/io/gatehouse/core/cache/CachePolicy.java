package io.gatehouse.core.cache;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What RFC 9111 lets a shared cache do. Where our own rules are narrower: {@code private} and {@code no-cache} hold for the
 * whole answer if they name fields; answers that set cookies are not kept; cookies of a request count as credentials; and
 * {@code max-age} of a request never makes an answer be thrown away. Where they are wider: {@code s-maxage} forbids stale
 * answers (5.2.2.10) unless the same answer allows them by RFC 5861.
 *
 * <p>Times are milliseconds since 1970 unless they say otherwise. Pure functions; any number of threads.
 */
public final class CachePolicy {

  /** What becomes of a kept answer. */
  public enum Use {
    /** It is given out. */
    FRESH,
    /** It is given out although it is stale, because the client says that it may be. */
    STALE,
    /** It is given out stale, and asked for anew in the meantime. */
    STALE_WHILE_REVALIDATE,
    /** It must be validated first. */
    VALIDATE
  }

  /** Final statuses that we understand, 206 and 304 being none that stand for themselves. */
  private static final Set<Integer> UNDERSTOOD =
      Set.of(200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501);

  /** Those that are kept although they say nothing of it, where the rules have a default: a part of RFC 9110, 15.1. */
  private static final Set<Integer> KEPT_UNASKED = Set.of(200, 203, 204, 300, 301, 308, 410);

  private CachePolicy() {}

  /** Why an answer to GET may not be kept, in a word for {@code Cache-Status}; empty when it may. */
  public static Optional<String> objection(CacheRequest request, Head answer) {
    Directives said = directives(answer);
    if (request.noStore()) {
      return Optional.of("request-no-store");
    }
    if (!UNDERSTOOD.contains(answer.status())) {
      return Optional.of("status");
    }
    if (said.has("no-store")) {
      return Optional.of("no-store");
    }
    if (said.has("private")) {
      return Optional.of("private");
    }
    if (answer.has("set-cookie")) {
      return Optional.of("set-cookie");
    }
    if (Entry.varied(answer).contains("*")) {
      return Optional.of("vary");
    }
    if (request.needsLeave() && !(said.has("public") || said.has("s-maxage") || said.has("must-revalidate"))) {
      return Optional.of("credentials");
    }
    boolean explicit = said.has("max-age") || said.has("s-maxage") || answer.has("expires") || said.has("no-cache");
    if (!explicit && !(KEPT_UNASKED.contains(answer.status()) && !request.rules().defaultTtl().isZero())) {
      return Optional.of("no-freshness");
    }
    boolean validator = answer.has("etag") || answer.has("last-modified");
    boolean lasts = !said.has("no-cache") && lifetime(request.rules(), answer, said, 0) > 0;
    return lasts || validator ? Optional.empty() : Optional.of("stale-at-once");
  }

  private static Directives directives(Head answer) {
    return Directives.of(answer.joined("cache-control"));
  }

  /** How long it is fresh, in milliseconds (RFC 9111, 4.2.1). */
  private static long lifetime(CacheRules rules, Head answer, Directives said, long answeredMillis) {
    OptionalLong seconds = said.seconds("s-maxage");
    if (seconds.isEmpty()) {
      seconds = said.seconds("max-age");
    }
    if (seconds.isPresent()) {
      return seconds.getAsLong() * 1000;
    }
    String expires = answer.first("expires");
    if (expires != null) {
      String dated = answer.first("date");
      OptionalLong date = dated == null ? OptionalLong.empty() : HttpDate.millis(dated);
      OptionalLong end = HttpDate.millis(expires);
      // Whatever is no date is in the past (5.3).
      return end.isEmpty() ? 0 : Math.max(0, end.getAsLong() - date.orElse(answeredMillis));
    }
    return KEPT_UNASKED.contains(answer.status()) ? rules.defaultTtl().toMillis() : 0;
  }

  /** How old it is, in milliseconds (RFC 9111, 4.2.3). A clock that was set back makes it no younger than it was. */
  public static long ageMillis(Entry entry, long now) {
    String dated = entry.head().first("date");
    long date = dated == null ? entry.answeredMillis()
        : HttpDate.millis(dated).orElse(entry.answeredMillis());
    String aged = entry.head().first("age");
    long age = aged == null ? 0 : Directives.seconds(aged.strip(), 0) * 1000;
    long apparent = Math.max(0, entry.answeredMillis() - date);
    long corrected = age + Math.max(0, entry.answeredMillis() - entry.askedMillis());
    // Dates have whole seconds: what was dated within the last one has no apparent age.
    long initial = Math.max(apparent < 1000 ? 0 : apparent, corrected);
    return initial + Math.max(0, now - entry.answeredMillis());
  }

  /** For how long it is fresh yet, in milliseconds; below zero for how long it is stale. */
  public static long ttlMillis(CacheRules rules, Entry entry, long now) {
    long lifetime = lifetime(rules, entry.head(), directives(entry.head()), entry.answeredMillis());
    return lifetime - ageMillis(entry, now);
  }

  /** What may become of an entry that answers a request. */
  public static Use use(CacheRequest request, Entry entry, long now) {
    Directives said = directives(entry.head());
    Directives asked = request.directives();
    if (said.has("no-cache") || asked.has("no-cache")) {
      return Use.VALIDATE;
    }
    long ttl = ttlMillis(request.rules(), entry, now);
    long age = ageMillis(entry, now);
    OptionalLong maxAge = asked.seconds("max-age");
    if (maxAge.isPresent() && age > maxAge.getAsLong() * 1000) {
      return Use.VALIDATE;
    }
    long minFresh = asked.seconds("min-fresh").orElse(0) * 1000;
    if (ttl > 0) {
      return ttl >= minFresh ? Use.FRESH : Use.VALIDATE;
    }
    if (minFresh > 0 || forbidsStale(said)) {
      return Use.VALIDATE;
    }
    OptionalLong maxStale = asked.secondsOrAny("max-stale");
    if (!said.has("s-maxage") && maxStale.isPresent() && -ttl <= maxStale.getAsLong() * 1000) {
      return Use.STALE;
    }
    return -ttl < tolerance(said, "stale-while-revalidate", request.rules().staleWhileRevalidate().toMillis())
        ? Use.STALE_WHILE_REVALIDATE
        : Use.VALIDATE;
  }

  /** Whether an entry may be given out when no backend has a good answer (RFC 5861, 4). */
  public static boolean servesOnError(CacheRequest request, Entry entry, long now) {
    Directives said = directives(entry.head());
    if (said.has("no-cache") || forbidsStale(said)) {
      return false;
    }
    long staleness = -ttlMillis(request.rules(), entry, now);
    long most = tolerance(said, "stale-if-error", request.rules().staleIfError().toMillis());
    OptionalLong asked = request.directives().seconds("stale-if-error");
    if (asked.isPresent() && !said.has("s-maxage")) {
      most = Math.max(most, asked.getAsLong() * 1000);
    }
    return staleness < most;
  }

  private static boolean forbidsStale(Directives said) {
    return said.has("must-revalidate") || said.has("proxy-revalidate");
  }

  private static long tolerance(Directives said, String directive, long otherwise) {
    OptionalLong own = said.seconds(directive);
    if (own.isPresent()) {
      return own.getAsLong() * 1000;
    }
    return said.has("s-maxage") ? 0 : otherwise;
  }
}

package io.gatehouse.core.key;

import io.gatehouse.Entitlement;
import io.gatehouse.Inbound;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.access.Authenticator;
import io.gatehouse.key.ApiKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Recognises API keys in {@code X-API-Key}, in {@code Authorization: Bearer} (RFC 6750, 2.1) and, when asked to, in a
 * query parameter. A key that is sent twice, in whatever places, or that has not the form of a key is refused before
 * anything is looked up.
 *
 * <p>An unknown key and a key with a wrong secret take the same way and look the same: the digest is not there. Only the
 * start of an imported key of which a bcrypt hash is known, see {@link KeySearch}, can be told from others by the time that
 * the comparison takes.
 */
public final class KeyAuthenticator implements Authenticator {

  private static final String HEADER = "X-API-Key";
  private static final String BEARER = "Bearer ";

  /** The longest text that is looked at as a key, in characters: {@value}. */
  static final int LONGEST = 512;

  private static final Result ABSENT = new Result.Absent();

  private final EntitlementCache cache;
  private final EntitlementRules rules;
  private final Pepper pepper;
  private final Predicate<String> wellFormed;
  private final String queryParameter;
  private final InstantSource clock;

  /**
   * An authenticator.
   *
   * @param rules tell what a key may do
   * @param pepper the one in use
   * @param wellFormed tells from the text alone what can be a key, usually a {@link KeyFormat}
   * @param queryParameter the name of the query parameter that may hold the key, as it stands in the target; empty: none
   */
  public KeyAuthenticator(
      EntitlementCache cache,
      EntitlementRules rules,
      Pepper pepper,
      Predicate<String> wellFormed,
      String queryParameter,
      InstantSource clock) {
    this.cache = cache;
    this.rules = rules;
    this.pepper = pepper;
    this.wellFormed = wellFormed;
    this.queryParameter = queryParameter;
    this.clock = clock;
  }

  @Override
  public Result authenticate(Inbound request) {
    List<String> presented = presented(request);
    if (presented.isEmpty()) {
      return ABSENT;
    }
    if (presented.size() > 1) {
      return rejected(Reason.KEY_MALFORMED, "The request carries more than one API key.");
    }
    String text = presented.get(0);
    if (!canBeKey(text)) {
      return rejected(Reason.KEY_MALFORMED, "The API key does not have the form of a key.");
    }
    Optional<KnownKey> found = cache.find(pepper.digest(text), text);
    if (found.isEmpty()) {
      return rejected(Reason.KEY_UNKNOWN, "The API key is not valid.");
    }
    KnownKey known = found.get();
    return known.always() ? known.caller(rules) : judge(known.key(), () -> known.caller(rules));
  }

  /**
   * Whether it is known without asking a store who sends a request.
   *
   * @param caller is asked whether all else is at hand for the one who does, if it is somebody
   */
  public boolean isAtHand(Inbound request, Predicate<Entitlement> caller) {
    List<String> presented = presented(request);
    if (presented.size() != 1 || !canBeKey(presented.get(0))) {
      return true;
    }
    Optional<KnownKey> known = cache.peek(pepper.digest(presented.get(0)));
    return known != null && (known.isEmpty() || caller.test(known.get().caller(rules).entitlement()));
  }

  /**
   * What is said of a request that carries this very key, for those who know the key by its id.
   *
   * @param key enabled only if its user is as well
   * @param caller asked for if the key is usable; may block and throw as the stores do
   */
  public Result judge(ApiKey key, Supplier<Result.Known> caller) {
    if (!key.enabled()) {
      return rejected(Reason.KEY_DISABLED, "The API key is disabled.");
    }
    if (key.expiresAt().isPresent() && key.expiredAt(clock.instant())) {
      return rejected(Reason.KEY_EXPIRED, "The API key has expired.");
    }
    return caller.get();
  }

  private boolean canBeKey(String text) {
    return text.length() <= LONGEST && wellFormed.test(text);
  }

  private List<String> presented(Inbound request) {
    List<String> keys = request.headers(HEADER);
    List<String> authorizations = request.headers("Authorization");
    if (authorizations.isEmpty() && queryParameter.isEmpty()) {
      return keys;
    }
    List<String> found = new ArrayList<>(keys);
    for (String authorization : authorizations) {
      if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        found.add(authorization.substring(BEARER.length()).strip());
      }
    }
    if (!queryParameter.isEmpty()) {
      addFromQuery(request.target(), found);
    }
    return found;
  }

  private void addFromQuery(String target, List<String> found) {
    int query = target.indexOf('?');
    if (query < 0) {
      return;
    }
    for (String pair : target.substring(query + 1).split("&")) {
      if (pair.startsWith(queryParameter) && pair.startsWith("=", queryParameter.length())) {
        found.add(pair.substring(queryParameter.length() + 1));
      }
    }
  }

  private static Result rejected(Reason reason, String detail) {
    return new Result.Rejected(Refusal.of(reason, detail));
  }
}

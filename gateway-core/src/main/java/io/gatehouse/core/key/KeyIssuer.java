package io.gatehouse.core.key;

import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Makes keys and rotates them. Blocks as its store does; any number of threads. */
public final class KeyIssuer {

  /** What {@link io.gatehouse.Entitlement#scopes()} may hold. */
  private static final Pattern SCOPE = Pattern.compile("(\\*|[A-Z]{1,20})( /[\\x21-\\x7e]*)?");

  /** The longest name of a key, in characters: {@value}. */
  public static final int LONGEST_NAME = 100;

  private final KeyAdmin keys;
  private final KeyFormat format;
  private final Pepper pepper;
  private final InstantSource clock;

  public KeyIssuer(KeyAdmin keys, KeyFormat format, Pepper pepper, InstantSource clock) {
    this.keys = keys;
    this.format = format;
    this.pepper = pepper;
    this.clock = clock;
  }

  /** Whether a key may have this scope: {@code GET}, {@code * /img/}, {@code POST /upload}. */
  public static boolean isScope(String text) {
    return SCOPE.matcher(text).matches();
  }

  /**
   * Makes a key for a user.
   *
   * @param name a label for people, may be empty
   * @param scopes what it may do; empty: everything
   * @param expiresAt when its life ends, in the future; empty: never
   * @throws IllegalArgumentException when the user is not there or an argument is out of its range
   */
  public IssuedKey issue(String user, String name, Set<String> scopes, Optional<Instant> expiresAt) {
    Instant now = now();
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "name: " + name.length() + " characters (expected: at most " + LONGEST_NAME + ", no control characters)");
    }
    for (String scope : scopes) {
      if (!isScope(scope)) {
        throw new IllegalArgumentException(
            "scopes: \"" + scope + "\" (expected: such as \"GET\", \"* /img/\" or \"POST /upload\")");
      }
    }
    expiresAt.ifPresent(
        end -> {
          if (!end.isAfter(now)) {
            throw new IllegalArgumentException("expires_at: " + end + " (expected: a moment in the future)");
          }
        });
    String text = format.mint();
    ApiKey key =
        new ApiKey(
            format.idOf(text), user, name, format.startOf(text), scopes, true, now, expiresAt, Optional.empty());
    keys.addKey(key, pepper.digest(text));
    return new IssuedKey(key, text);
  }

  /**
   * Makes a successor with the same name, scopes and end, and ends the old key after a time of grace: at the earlier of
   * its own end and now plus {@code grace}. Both belong to the same user and the same lineage, and so share all limits
   * and quotas.
   *
   * @param grace zero or more; zero ends the old key at once
   * @return empty when there is no such key
   * @throws IllegalArgumentException when the key is disabled or expired
   */
  public Optional<IssuedKey> rotate(String id, Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
    }
    Instant now = now();
    Optional<ApiKey> found = keys.key(id);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ApiKey old = found.get();
    if (!old.usableAt(now)) {
      throw new IllegalArgumentException("key: " + id + " is disabled or expired (expected: a usable key)");
    }
    String text = format.mint();
    ApiKey fresh =
        new ApiKey(
            format.idOf(text),
            old.user(),
            old.name(),
            format.startOf(text),
            old.scopes(),
            true,
            now,
            old.expiresAt(),
            Optional.of(old.id()),
            old.lineage());
    Instant graceEnd = now.plus(grace);
    Instant end = old.expiresAt().filter(expiry -> expiry.isBefore(graceEnd)).orElse(graceEnd);
    keys.rotateKey(old.withExpiresAt(Optional.of(end)), fresh, pepper.digest(text));
    return Optional.of(new IssuedKey(fresh, text));
  }

  /** Stores keep milliseconds. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}

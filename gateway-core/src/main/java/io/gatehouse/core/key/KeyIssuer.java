package io.gatehouse.core.key;

import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyImage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;

/** Makes keys and rotates them. Blocks as its store does; any number of threads. */
public final class KeyIssuer {

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

  /**
   * Makes a key for a user, to be used from everywhere.
   *
   * @param name a label for people, may be empty
   * @param scopes what it may do; empty: everything
   * @param expiresAt when its life ends, in the future; empty: never
   * @throws IllegalArgumentException when the user is not there or an argument is out of its range
   */
  public IssuedKey issue(String user, String name, Set<String> scopes, Optional<Instant> expiresAt) {
    return issue(user, new KeyTerms(name, scopes, expiresAt));
  }

  /**
   * Makes a key for a user.
   *
   * @throws IllegalArgumentException when the user is not there or the end is not in the future
   */
  public IssuedKey issue(String user, KeyTerms terms) {
    String text = format.mint();
    ApiKey key = key(format.idOf(text), user, format.startOf(text), terms);
    keys.addKey(key, pepper.digest(text));
    return new IssuedKey(key, text);
  }

  /**
   * What is to be kept of a key that somebody else has made; with a new id, and not added to the store yet.
   *
   * @param start the first characters of the key; may be empty when the image is a digest
   * @throws IllegalArgumentException when the end is not in the future, or the start does not fit the image
   */
  public ImportedKey imported(String user, String start, KeyTerms terms, KeyImage image) {
    return new ImportedKey(key(format.idOf(format.mint()), user, start, terms), image);
  }

  private ApiKey key(String id, String user, String start, KeyTerms terms) {
    Instant now = now();
    terms.expiresAt().ifPresent(
        end -> {
          if (!end.isAfter(now)) {
            throw new IllegalArgumentException("expires_at: " + end + " (expected: a moment in the future)");
          }
        });
    return new ApiKey(id, user, terms.name(), start, terms.scopes(), true, now, terms.expiresAt(), Optional.empty())
        .withNetworks(terms.networks());
  }

  /**
   * Makes a successor with the same name, scopes, networks and end, and ends the old key after a time of grace: at the earlier of
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
    ApiKey fresh = new ApiKey(
            format.idOf(text),
            old.user(),
            old.name(),
            format.startOf(text),
            old.scopes(),
            true,
            now,
            old.expiresAt(),
            Optional.of(old.id()),
            old.lineage())
            .withNetworks(old.networks());
    Instant graceEnd = now.plus(grace);
    Instant end = old.expiresAt().filter(expiry -> expiry.isBefore(graceEnd)).orElse(graceEnd);
    keys.rotateKey(
        old.withExpiresAt(Optional.of(end)).withReplacedBy(fresh.id()), fresh, pepper.digest(text));
    return Optional.of(new IssuedKey(fresh, text));
  }

  /** Stores keep milliseconds. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}

package io.gatehouse.key;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of an API key. Not a secret: the key cannot be made from it.
 *
 * @param id unique, public, part of the key itself
 * @param user the id of the user it belongs to
 * @param name a label for people, may be empty
 * @param start the first characters of the key, for people to recognise it
 * @param scopes as in {@link io.gatehouse.Entitlement#scopes()}; empty: everything
 * @param enabled false while it is switched off
 * @param createdAt when it was made
 * @param expiresAt the first moment at which it is no longer usable; empty: never
 * @param replaces the id of the key that it was rotated from; empty: it was not
 * @param lineage the id of the first key of the rotations that led to it, its own when there was none: what has it in
 *     common shares one limit, also after the first was deleted
 */
public record ApiKey(
    String id,
    String user,
    String name,
    String start,
    Set<String> scopes,
    boolean enabled,
    Instant createdAt,
    Optional<Instant> expiresAt,
    Optional<String> replaces,
    String lineage) {

  public ApiKey {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(start, "start");
    scopes = Set.copyOf(scopes);
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(expiresAt, "expiresAt");
    Objects.requireNonNull(replaces, "replaces");
    Objects.requireNonNull(lineage, "lineage");
  }

  /** A key that was rotated once at the most: its lineage is that of the key that it replaces, or its own. */
  public ApiKey(
      String id,
      String user,
      String name,
      String start,
      Set<String> scopes,
      boolean enabled,
      Instant createdAt,
      Optional<Instant> expiresAt,
      Optional<String> replaces) {
    this(id, user, name, start, scopes, enabled, createdAt, expiresAt, replaces, replaces.orElse(id));
  }

  /** Whether its life is over at {@code now}. */
  public boolean expiredAt(Instant now) {
    return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
  }

  /** Whether it may be used at {@code now}. */
  public boolean usableAt(Instant now) {
    return enabled && !expiredAt(now);
  }

  public ApiKey withEnabled(boolean value) {
    return new ApiKey(id, user, name, start, scopes, value, createdAt, expiresAt, replaces, lineage);
  }

  public ApiKey withExpiresAt(Optional<Instant> value) {
    return new ApiKey(id, user, name, start, scopes, enabled, createdAt, value, replaces, lineage);
  }
}

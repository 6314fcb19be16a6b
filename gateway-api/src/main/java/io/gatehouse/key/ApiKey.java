package io.gatehouse.key;

import io.gatehouse.access.Cidr;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of an API key. Not a secret: the key cannot be made from it.
 *
 * @param id unique, public, part of the key itself unless the key was imported
 * @param user the id of the user it belongs to
 * @param name a label for people, may be empty
 * @param start the first characters of the key, for people to recognise it
 * @param scopes as in {@link io.gatehouse.Entitlement#scopes()}; empty: everything
 * @param networks from where it may be used, each once; empty: from wherever its user may call
 * @param enabled false while it is switched off
 * @param suspension why it was switched off by other means than administration, such as {@link #LEAKED}; empty: it was
 *     not. For administrators only. A key with a suspension is not enabled
 * @param createdAt when it was made
 * @param expiresAt the first moment at which it is no longer usable; empty: never
 * @param replaces the id of the key that it was rotated from; empty: it was not
 * @param replacedBy the id of the key that it was rotated to last; empty: it was not
 * @param lineage the id of the first key of the rotations that led to it, its own when there was none: what has it in
 *     common shares one limit, also after the first was deleted
 */
public record ApiKey(
    String id,
    String user,
    String name,
    String start,
    Set<String> scopes,
    List<Cidr> networks,
    boolean enabled,
    Optional<String> suspension,
    Instant createdAt,
    Optional<Instant> expiresAt,
    Optional<String> replaces,
    Optional<String> replacedBy,
    String lineage) {

  /** The suspension of a key that was found where it should not be: {@value}. */
  public static final String LEAKED = "leaked";

  public ApiKey {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(start, "start");
    scopes = Set.copyOf(scopes);
    networks = networks.stream().distinct().toList();
    if (enabled && suspension.isPresent()) {
      throw new IllegalArgumentException("enabled: true, suspension: " + suspension.get() + " (expected: one of them)");
    }
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(expiresAt, "expiresAt");
    Objects.requireNonNull(replaces, "replaces");
    Objects.requireNonNull(replacedBy, "replacedBy");
    Objects.requireNonNull(lineage, "lineage");
  }

  /** A key that may be used from everywhere and was not rotated to another. */
  public ApiKey(
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
    this(
        id,
        user,
        name,
        start,
        scopes,
        List.of(),
        enabled,
        Optional.empty(),
        createdAt,
        expiresAt,
        replaces,
        Optional.empty(),
        lineage);
  }

  /** As above; rotated once at the most: its lineage is that of the key that it replaces, or its own. */
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

  /** Whether a scope says what may be called, and is not a permission of the application behind. */
  public static boolean isRoute(String scope) {
    return !scope.isEmpty() && !Character.isLowerCase(scope.charAt(0));
  }

  public ApiKey withName(String value) {
    return new ApiKey(id, user, value, start, scopes, networks, enabled, suspension, createdAt, expiresAt, replaces,
        replacedBy, lineage);
  }

  public ApiKey withScopes(Set<String> value) {
    return new ApiKey(id, user, name, start, value, networks, enabled, suspension, createdAt, expiresAt, replaces,
        replacedBy, lineage);
  }

  public ApiKey withNetworks(List<Cidr> value) {
    return new ApiKey(id, user, name, start, scopes, value, enabled, suspension, createdAt, expiresAt, replaces,
        replacedBy, lineage);
  }

  /** Switched on, which ends a suspension, or off. */
  public ApiKey withEnabled(boolean value) {
    return new ApiKey(id, user, name, start, scopes, networks, value, value ? Optional.empty() : suspension, createdAt,
        expiresAt, replaces, replacedBy, lineage);
  }

  /** Switched off until an administrator switches it on again. */
  public ApiKey suspended(String why) {
    return new ApiKey(id, user, name, start, scopes, networks, false, Optional.of(why), createdAt, expiresAt, replaces,
        replacedBy, lineage);
  }

  public ApiKey withExpiresAt(Optional<Instant> value) {
    return new ApiKey(id, user, name, start, scopes, networks, enabled, suspension, createdAt, value, replaces,
        replacedBy, lineage);
  }

  /** Rotated to another key. */
  public ApiKey withReplacedBy(String key) {
    return new ApiKey(id, user, name, start, scopes, networks, enabled, suspension, createdAt, expiresAt, replaces,
        Optional.of(key), lineage);
  }
}

package io.gatehouse.core.key;

import io.gatehouse.access.Cidr;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is said of a key when it is made.
 *
 * @param name a label for people, at most {@value #LONGEST_NAME} characters, may be empty
 * @param scopes what it may do, as {@link #isScope} allows; empty: everything
 * @param networks from where it may be used; empty: from wherever its user may call
 * @param expiresAt when its life ends; empty: never
 */
public record KeyTerms(String name, Set<String> scopes, List<Cidr> networks, Optional<Instant> expiresAt) {

  /** The longest name of a key, in characters: {@value}. */
  public static final int LONGEST_NAME = 100;

  /** What {@link io.gatehouse.Entitlement#scopes()} may hold. */
  private static final Pattern SCOPE =
      Pattern.compile("(\\*|[A-Z]{1,20})( /[\\x21-\\x7e]*)?|[a-z][a-z0-9._-]{0,31}(:[a-z0-9*._-]{1,32}){1,3}");

  public KeyTerms {
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "name: " + name.length() + " characters (expected: at most " + LONGEST_NAME + ", no control characters)");
    }
    scopes = Set.copyOf(scopes);
    for (String scope : scopes) {
      if (!isScope(scope)) {
        throw new IllegalArgumentException(
            "scopes: \"" + scope
                + "\" (expected: such as \"GET\", \"* /img/\" or \"POST /upload\", or a permission as \"images:write\")");
      }
    }
    networks = List.copyOf(networks);
    Objects.requireNonNull(expiresAt, "expiresAt");
  }

  /** A key that may be used from everywhere. */
  public KeyTerms(String name, Set<String> scopes, Optional<Instant> expiresAt) {
    this(name, scopes, List.of(), expiresAt);
  }

  /**
   * Whether a key may have this scope: a route as {@code GET}, {@code * /img/} or {@code POST /upload}, or a permission of
   * the application behind as {@code images:write}.
   */
  public static boolean isScope(String text) {
    return SCOPE.matcher(text).matches();
  }
}

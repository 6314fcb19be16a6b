package io.gatehouse.plan;

import io.gatehouse.key.ApiKey;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Quota;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What all users on it may do. What a user or key has of its own goes before the plan, and the plan before the defaults
 * of the gateway: of limits level by level, of quotas as a whole. Scopes are different: a key may do what both its own
 * scopes and those of the plan allow.
 *
 * @param name unique: 1 to 64 small letters, digits, dots, underscores and hyphens, the first a letter or digit
 * @param title what people call it: at most 100 characters, no control characters; may be empty
 * @param limits of {@link Level#USER}: of each user on it; of {@link Level#KEY}: of each of their keys; no two of a level
 *     exclude each other ({@link Limit#excludes}). A level that is not there has the defaults of the gateway; an empty
 *     list lifts all limits of the level
 * @param quotas of each user on it, no two with the same {@link Quota#policy}; empty: the defaults of the gateway; an
 *     empty list lifts all quotas
 * @param scopes what may be called, as in {@link io.gatehouse.Entitlement#scopes()}, and no permissions
 *     ({@link ApiKey#isRoute}); empty: everything
 * @param options what gates, and the application behind, make of it: at most {@value #MOST_OPTIONS} values of at most
 *     {@value #LONGEST_OPTION} characters without control characters, by names such as a plan may have
 */
public record Plan(
    String name,
    String title,
    Map<Level, List<Limit>> limits,
    Optional<List<Quota>> quotas,
    Set<String> scopes,
    Map<String, String> options) {

  /** The longest title, in characters: {@value}. */
  public static final int LONGEST_TITLE = 100;

  /** The most options: {@value}. */
  public static final int MOST_OPTIONS = 32;

  /** The longest value of an option, in characters: {@value}. */
  public static final int LONGEST_OPTION = 256;

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  public Plan {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "name: \"" + shown(name) + "\" (expected: 1 to 64 small letters, digits, ., _ and -)");
    }
    if (!isLabel(title, LONGEST_TITLE)) {
      throw new IllegalArgumentException(
          "title: \"" + shown(title) + "\" (expected: at most " + LONGEST_TITLE
              + " characters, no control characters)");
    }
    limits = limits.entrySet().stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, level -> List.copyOf(level.getValue())));
    limits.forEach(Plan::check);
    quotas = quotas.map(List::copyOf);
    Set<String> policies = new HashSet<>();
    for (Quota quota : quotas.orElse(List.of())) {
      if (!policies.add(quota.policy())) {
        throw new IllegalArgumentException(
            "quotas: two of " + quota.policy() + " (expected: one for each meter and window)");
      }
    }
    scopes = Set.copyOf(scopes);
    for (String scope : scopes) {
      if (!ApiKey.isRoute(scope) || !isLabel(scope, Integer.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "scopes: \"" + shown(scope) + "\" (expected: such as \"GET\", \"* /img/\" or \"POST /upload\")");
      }
    }
    options = Map.copyOf(options);
    if (options.size() > MOST_OPTIONS) {
      throw new IllegalArgumentException("options: " + options.size() + " (expected: at most " + MOST_OPTIONS + ")");
    }
    options.forEach(Plan::check);
  }

  /** A plan that is only a name: all is as the gateway has it. */
  public Plan(String name) {
    this(name, "", Map.of(), Optional.empty(), Set.of(), Map.of());
  }

  /** Whether a plan, or an option of one, may be called so. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** What it says of a level; empty when it says nothing. */
  public Optional<List<Limit>> limitsOf(Level level) {
    return Optional.ofNullable(limits.get(level));
  }

  private static void check(Level level, List<Limit> limits) {
    if (level == Level.TENANT) {
      throw new IllegalArgumentException("limits: of TENANT (expected: of USER or KEY; a tenant has no plan)");
    }
    for (int i = 0; i < limits.size(); i++) {
      if (limits.subList(0, i).stream().anyMatch(limits.get(i)::excludes)) {
        throw new IllegalArgumentException(
            "limits: two of " + level + " that count alike for " + limits.get(i).period() + " (expected: one)");
      }
    }
  }

  private static void check(String option, String value) {
    if (!isName(option)) {
      throw new IllegalArgumentException(
          "options: \"" + shown(option) + "\" (expected: 1 to 64 small letters, digits, ., _ and -)");
    }
    if (!isLabel(value, LONGEST_OPTION)) {
      throw new IllegalArgumentException(
          "options." + option + ": \"" + shown(value) + "\" (expected: at most " + LONGEST_OPTION
              + " characters, no control characters)");
    }
  }

  private static boolean isLabel(String text, int longest) {
    return text.length() <= longest && text.chars().noneMatch(Character::isISOControl);
  }

  private static String shown(String text) {
    String begin = text.length() > LONGEST_TITLE ? text.substring(0, LONGEST_TITLE) + "..." : text;
    return begin.replaceAll("\\p{Cc}", "?");
  }
}

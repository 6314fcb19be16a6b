package io.gatehouse.quota;

import java.util.Objects;
import java.util.Optional;

/**
 * Whose use is counted: that of a user, with all keys, or that of one key beside it. As text it is the
 * {@link QuotaKey#owner} of counts; the text of a user is the user's id.
 *
 * @param user the id of the user
 * @param lineage of the key ({@link io.gatehouse.key.ApiKey#lineage}), so that a key and those that it was rotated to
 *     have one count; empty: the user with all keys
 */
public record QuotaOwner(String user, Optional<String> lineage) {

  /** What the text of a key begins with, and the id of no user may: {@value}. */
  private static final String KEY = "key:";

  public QuotaOwner {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(lineage, "lineage");
  }

  /** A user with all keys. */
  public static QuotaOwner ofUser(String user) {
    return new QuotaOwner(user, Optional.empty());
  }

  /** A key, with those that it was rotated to. */
  public static QuotaOwner ofKey(String user, String lineage) {
    return new QuotaOwner(user, Optional.of(lineage));
  }

  /** The owner with this {@link #text}. */
  public static QuotaOwner of(String text) {
    int colon = text.startsWith(KEY) ? text.indexOf(':', KEY.length()) : -1;
    if (colon < 0) {
      return ofUser(text);
    }
    String lineage = text.substring(KEY.length(), colon).replace("%3A", ":").replace("%25", "%");
    return ofKey(text.substring(colon + 1), lineage);
  }

  /**
   * The owner as text, for counts and stores: {@code 01M8...} or {@code key:<lineage>:01M8...}. In a lineage of somebody
   * else's making, colons are written as {@code %3A}, and percent signs as {@code %25}.
   */
  public String text() {
    return lineage.map(key -> KEY + key.replace("%", "%25").replace(":", "%3A") + ":" + user).orElse(user);
  }

  /** The name of a rule for it: {@code requests-day}, {@code key-requests-day}. */
  public String policy(Quota quota) {
    return lineage.isPresent() ? "key-" + quota.policy() : quota.policy();
  }
}

package io.gatehouse.core.cache;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request as the cache sees it: its fields as they are forwarded, normalised. Reads what it was given when it is asked,
 * so it is of use as long as that.
 */
public final class CacheRequest {

  /** The fields of a request as they are forwarded. */
  @FunctionalInterface
  public interface Fields {

    /** All values of a field with commas between them; null when it is absent. */
    @Nullable String joined(String name);
  }

  private final CacheKey key;
  private final Fields fields;
  private final boolean shared;
  private final CacheRules rules;
  private final Directives directives;

  /**
   * A request.
   *
   * @param shared whether others than the caller may be given the answer, as the key divides them
   */
  public CacheRequest(CacheKey key, Fields fields, boolean shared, CacheRules rules) {
    this.key = Objects.requireNonNull(key, "key");
    this.fields = Objects.requireNonNull(fields, "fields");
    this.shared = shared;
    this.rules = Objects.requireNonNull(rules, "rules");
    String control = fields.joined("cache-control");
    if (control == null && contains(fields.joined("pragma"), "no-cache")) {
      control = "no-cache"; // RFC 9111, 5.4
    }
    this.directives = Directives.of(control);
  }

  private static boolean contains(@Nullable String value, String word) {
    return value != null && value.toLowerCase(Locale.ROOT).contains(word);
  }

  public CacheKey key() {
    return key;
  }

  public CacheRules rules() {
    return rules;
  }

  /** Whether others than the caller may be given the answer. */
  public boolean shared() {
    return shared;
  }

  /** The value of a field to compare by; null when it is absent. */
  public @Nullable String normal(String name) {
    return rules.normaliser().normal(name, fields.joined(name));
  }

  @Nullable String field(String name) {
    return fields.joined(name);
  }

  /** Whether neither this request nor its answer is to be kept. */
  public boolean noStore() {
    return rules.heedsClients() && directives.has("no-store");
  }

  /** Whether only a kept answer is wanted, or none. */
  public boolean onlyIfCached() {
    return directives.has("only-if-cached");
  }

  /** Directives of the client, if the rules let it have a say. */
  Directives directives() {
    return rules.heedsClients() ? directives : Directives.NONE;
  }

  /** Whether an answer must say itself that it is for others, too: RFC 9111, 3.5; what is true of credentials is of cookies. */
  boolean needsLeave() {
    return shared || fields.joined("authorization") != null || fields.joined("cookie") != null;
  }
}

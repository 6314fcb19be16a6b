package io.gatehouse.jetty.proxy;

import java.util.Objects;

/**
 * What changes of requests and answers on one lane. But for what it says, nothing does: what is left of a target stays
 * byte for byte.
 *
 * @param stripPrefix whole segments that are cut off the beginning of the path, {@code /img}; empty: none
 * @param addPrefix what is put before the path then, {@code /v2}; empty: nothing
 * @param request of the fields of requests and behind their bodies
 * @param response of the fields of backends' answers, interim ones too, and behind their bodies; not of the gateway's own
 * @param variantEtags whether clients get entity tags that differ where what was asked for does
 */
public record Rewriting(
    String stripPrefix, String addPrefix, FieldRules request, FieldRules response, boolean variantEtags) {

  /** Nothing changes. */
  public static final Rewriting NONE = new Rewriting("", "", FieldRules.NONE, FieldRules.NONE);

  /** Entity tags are the backends'. */
  public Rewriting(String stripPrefix, String addPrefix, FieldRules request, FieldRules response) {
    this(stripPrefix, addPrefix, request, response, false);
  }

  public Rewriting {
    prefix(stripPrefix, "stripPrefix");
    prefix(addPrefix, "addPrefix");
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(response, "response");
  }

  private static void prefix(String prefix, String name) {
    if (!prefix.isEmpty() && (!prefix.startsWith("/") || prefix.endsWith("/"))) {
      throw new IllegalArgumentException(name + ": " + prefix + " (expected: empty, or segments such as /img)");
    }
  }

  /** The target as the backend gets it. */
  String target(String target) {
    if (stripPrefix.isEmpty() && addPrefix.isEmpty() || !target.startsWith("/")) {
      return target;
    }
    String changed = addPrefix + (begins(target) ? target.substring(stripPrefix.length()) : target);
    return changed.startsWith("/") ? changed : "/" + changed;
  }

  private boolean begins(String target) {
    int end = stripPrefix.length();
    return target.startsWith(stripPrefix)
        && (target.length() == end || target.charAt(end) == '/' || target.charAt(end) == '?');
  }
}

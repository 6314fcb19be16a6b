package io.gatehouse;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How an admitted request goes on to its backend, where a gate has made something else of it.
 *
 * @param target what the backend is asked for in place of the client's target: an absolute path of visible
 *     ASCII, without a query
 * @param turnOf with whom it takes turns where requests wait for a backend: a tenant or user, by a name of
 *     its own
 * @param pixels how large the image may become, width times height: reserved before, settled when it is
 *     known; 0: not known
 * @param freshUntil after which caches may not take the answer for fresh any more; empty: as the backend says
 * @param fields what the backend gets in place of the client's fields of these names, whatever their case; with an empty
 *     value it gets none. All others pass as they do
 */
public record Dispatch(String target, String turnOf, long pixels, Optional<Instant> freshUntil, Map<String, String> fields) {
  private static final Pattern TARGET = Pattern.compile("/[!-~&&[^?#]]*");
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern VALUE = Pattern.compile("[ -~]*");

  /** One whose fields pass as they do. */
  public Dispatch(String target, String turnOf, long pixels, Optional<Instant> freshUntil) {
    this(target, turnOf, pixels, freshUntil, Map.of());
  }

  public Dispatch {
    if (!TARGET.matcher(target).matches()) {
      throw new IllegalArgumentException("target: " + target + " (expected: a path of visible ASCII without a query)");
    }
    Objects.requireNonNull(turnOf, "turnOf");
    if (pixels < 0) {
      throw new IllegalArgumentException("pixels: " + pixels + " (expected: 0 or more)");
    }
    Objects.requireNonNull(freshUntil, "freshUntil");
    fields = Map.copyOf(fields);
    fields.forEach((name, value) -> {
      if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
        throw new IllegalArgumentException("fields: " + name + " (expected: names of fields, and values of visible ASCII)");
      }
    });
  }
}

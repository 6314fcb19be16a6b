package io.gatehouse;

import java.time.Instant;
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
 */
public record Dispatch(String target, String turnOf, long pixels, Optional<Instant> freshUntil) {
  private static final Pattern TARGET = Pattern.compile("/[!-~&&[^?#]]*");

  public Dispatch {
    if (!TARGET.matcher(target).matches()) {
      throw new IllegalArgumentException("target: " + target + " (expected: a path of visible ASCII without a query)");
    }
    Objects.requireNonNull(turnOf, "turnOf");
    if (pixels < 0) {
      throw new IllegalArgumentException("pixels: " + pixels + " (expected: 0 or more)");
    }
    Objects.requireNonNull(freshUntil, "freshUntil");
  }
}

package io.gatehouse.core.setup;

import io.gatehouse.upstream.Registration;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which registered backends are there, for one node. The store says what is left of each one's time; this node measures
 * on from there by its own clock for intervals, and asks again before it lets one go, because beats are not told.
 *
 * <p>While the store could not be asked, nobody could beat either. So whoever was there before has its whole time again
 * after such a silence: a store that was away must not empty the pool.
 *
 * <p>For one thread at a time.
 */
final class Attendance {

  private static final Logger log = LoggerFactory.getLogger(BackendRoster.class);

  /** While anybody is registered, the store is asked this often in any case. */
  static final Duration LONGEST_TRUST = Duration.ofSeconds(10);

  private final Set<URI> present = new HashSet<>();
  /** Until when those are believed who could not beat, by the clock for intervals. */
  private final Map<URI, Long> excused = new HashMap<>();
  private boolean anybody;
  private long nextLook;

  /**
   * Takes what the store says for true.
   *
   * @param silence whether the store could not be asked for a while before
   * @return those that are there
   */
  List<Upstream> look(List<Registration> registrations, boolean silence, long now) {
    if (silence) {
      registrations.stream()
          .filter(each -> present.contains(each.upstream().uri()))
          .forEach(each -> excused.put(each.upstream().uri(), now + each.ttl().toNanos()));
    }
    List<Upstream> there = new ArrayList<>();
    Set<URI> seen = new HashSet<>();
    nextLook = now + LONGEST_TRUST.toNanos();
    for (Registration each : registrations) {
      URI uri = each.upstream().uri();
      long left = Math.max(each.left().toNanos(), excused.getOrDefault(uri, now) - now);
      if (left > 0) {
        there.add(each.upstream());
        seen.add(uri);
        nextLook = Math.min(nextLook - now, left) + now;
      }
    }
    tell(seen);
    present.clear();
    present.addAll(seen);
    excused.keySet().retainAll(seen);
    anybody = !registrations.isEmpty();
    return there;
  }

  private void tell(Set<URI> seen) {
    seen.stream().filter(uri -> !present.contains(uri)).forEach(uri -> log.info("Upstream {} is registered", uri));
    present.stream().filter(uri -> !seen.contains(uri))
        .forEach(uri -> log.info("Upstream {} is registered no more: it left, or was not heard of in time", uri));
  }

  /** Whether somebody's time may be up. */
  boolean due(long now) {
    return anybody && nextLook - now <= 0;
  }

  boolean present(URI uri) {
    return present.contains(uri);
  }
}

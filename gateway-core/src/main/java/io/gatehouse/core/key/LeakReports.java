package io.gatehouse.core.key;

import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Suspends keys that were found where they should not be. Blocks as its store does; any number of threads. */
public final class LeakReports {

  private static final Logger log = LoggerFactory.getLogger(LeakReports.class);

  private final KeySearch search;
  private final KeyAdmin keys;
  private final Pepper pepper;

  /** A key before and after it was suspended. */
  public record Suspended(ApiKey before, ApiKey after) {}

  /** @param pepper the one in use */
  public LeakReports(KeySearch search, KeyAdmin keys, Pepper pepper) {
    this.search = search;
    this.keys = keys;
    this.pepper = pepper;
  }

  /**
   * Suspends the key with this text until an administrator enables it again. Its successors and predecessors are other
   * keys and go on.
   *
   * @return empty when there is no key with this text
   */
  public Optional<Suspended> report(String text) {
    if (text.length() > KeyAuthenticator.LONGEST) {
      return Optional.empty();
    }
    Optional<Suspended> suspended =
        search.find(pepper.digest(text), text)
            .flatMap(found -> keys.key(found.key().id()))
            .map(key -> new Suspended(key, key.suspended(ApiKey.LEAKED)))
            .filter(each -> keys.updateKey(each.after()));
    suspended.map(Suspended::after).ifPresent(
        key -> log.warn("The key {} of user {} was reported as leaked and is suspended", key.id(), key.user()));
    return suspended;
  }
}

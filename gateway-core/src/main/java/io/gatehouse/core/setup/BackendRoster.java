package io.gatehouse.core.setup;

import io.gatehouse.StoreException;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of the pool: those of the configuration, those that were discovered, and those that were kept at run
 * time. A kept one replaces the others with the same address, and forgetting it brings them back.
 *
 * <p>Any number of threads.
 */
public final class BackendRoster {

  private static final Logger log = LoggerFactory.getLogger(BackendRoster.class);

  private final BackendAdmin kept;
  private final Pool pool;
  private volatile List<Upstream> configured;
  private volatile List<Upstream> discovered = List.of();

  /** What was kept when the store last answered. Guarded by this. */
  private List<Upstream> lastKept = List.of();

  BackendRoster(List<Upstream> configured, BackendAdmin kept, Pool pool) {
    this.configured = List.copyOf(configured);
    this.kept = kept;
    this.pool = pool;
  }

  /** Whether the configuration names a backend with this address, which then cannot be removed at run time. */
  public boolean configured(URI uri) {
    return configured.stream().anyMatch(backend -> backend.uri().equals(uri));
  }

  /** What was discovered, as it is without what was kept over it. */
  public List<Upstream> discovered() {
    return discovered;
  }

  /** Takes these for what is configured now. */
  void configure(List<Upstream> backends) {
    configured = List.copyOf(backends);
    refresh();
  }

  /** Takes these for what is discovered now. */
  void discover(List<Upstream> found) {
    discovered = List.copyOf(found);
    refresh();
  }

  /** The configured backends and what was kept over them. */
  static List<Upstream> merge(List<Upstream> configured, List<Upstream> kept) {
    Map<URI, Upstream> merged = new LinkedHashMap<>();
    configured.forEach(backend -> merged.put(backend.uri(), backend));
    kept.forEach(backend -> merged.put(backend.uri(), backend));
    return List.copyOf(merged.values());
  }

  /** Reads what is kept and gives all to the pool; while the store cannot answer, what was kept before counts. */
  synchronized void refresh() {
    try {
      lastKept = kept.backends();
    } catch (StoreException e) {
      log.warn("The kept backends cannot be read, they stay as they were: {}", e.getMessage());
    }
    pool.replace(merge(merge(discovered, configured), lastKept));
  }
}

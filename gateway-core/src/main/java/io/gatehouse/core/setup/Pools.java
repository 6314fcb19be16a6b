package io.gatehouse.core.setup;

import io.gatehouse.core.settings.PoolSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.upstream.HealthChecker;
import io.gatehouse.core.upstream.HttpProbe;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Upstream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools, each with a balancer, breakers, health checks and a budget for retries of its own. A backend belongs to one of
 * them.
 *
 * <p>Any number of threads. Which pools there are never changes.
 */
public final class Pools implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Pools.class);

  private final Map<String, Entry> byName = new LinkedHashMap<>();
  private final List<HealthChecker> checkers = new ArrayList<>();

  /** Those that were told of last; guarded by this. */
  private List<Upstream> strays = List.of();

  /**
   * One pool.
   *
   * @param settings what it was made of
   * @param pool its backends, and how they are
   * @param balancer picks one of them
   * @param retryBudget bounds the retries of all requests to them together
   */
  public record Entry(PoolSettings settings, Pool pool, Balancer balancer, RetryBudget retryBudget) {

    public String name() {
      return settings.name();
    }
  }

  Pools(Settings settings) {
    for (PoolSettings each : settings.pools()) {
      Pool pool = new Pool(Upstreams.rules(each));
      byName.put(each.name(), new Entry(each, pool, Upstreams.balancer(each.balancer(), pool), new RetryBudget()));
    }
  }

  /** Begins to probe the backends of all pools, until {@link #close}. */
  void probe(HttpProbe probe) {
    byName.values().forEach(entry -> checkers.add(HealthChecker.start(entry.pool(), probe)));
  }

  /** All pools, {@value io.gatehouse.upstream.Upstream#DEFAULT_POOL} first. */
  public List<Entry> all() {
    return List.copyOf(byName.values());
  }

  /** The names of all pools, {@value io.gatehouse.upstream.Upstream#DEFAULT_POOL} first. */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /** The pool with a name; empty when there is none. */
  public Optional<Entry> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The pool that is always there. */
  Entry usual() {
    return byName.get(Upstream.DEFAULT_POOL);
  }

  /** How the backends of all pools stand. */
  public List<Standing> standings() {
    return byName.values().stream().flatMap(entry -> entry.pool().standings().stream()).toList();
  }

  /** Gives each pool its backends; those of a pool that is not there get no requests. */
  synchronized void replace(List<Upstream> backends) {
    byName.forEach((name, entry) ->
        entry.pool().replace(backends.stream().filter(backend -> backend.pool().equals(name)).toList()));
    List<Upstream> stray = backends.stream().filter(backend -> !byName.containsKey(backend.pool())).toList();
    if (!stray.equals(strays)) {
      stray.forEach(backend ->
          log.warn("Backend {} gets no requests: there is no pool {}", backend.uri(), backend.pool()));
      strays = stray;
    }
  }

  @Override
  public void close() {
    checkers.forEach(HealthChecker::close);
  }
}

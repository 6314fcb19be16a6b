package io.gatehouse.core.setup;

import io.gatehouse.core.settings.PoolSettings;
import io.gatehouse.core.upstream.HealthChecker;
import io.gatehouse.core.upstream.HttpProbe;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Upstream;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools, each with a balancer, breakers, health checks and a budget for retries of its own. A backend belongs to one of
 * them. A pool is known by its name: while that stays, all that is known of its backends stays, too, whatever happens to
 * its settings.
 *
 * <p>Any number of threads.
 */
public final class Pools implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Pools.class);

  /** Those there are now; replaced as a whole. */
  private volatile Map<String, Entry> byName = Map.of();

  /** By the name of the pool; guarded by this. */
  private final Map<String, HealthChecker> checkers = new HashMap<>();

  /** What probes; null until {@link #probe}. Guarded by this. */
  private @Nullable HttpProbe probe;

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

    /** The same pool with other settings, which its rules do not know yet. */
    private Entry with(PoolSettings changed) {
      boolean sameChoice = settings.balancer().algorithm() == changed.balancer().algorithm()
          && settings.balancer().hashKey().equals(changed.balancer().hashKey());
      return new Entry(
          changed, pool, sameChoice ? balancer : Upstreams.balancer(changed.balancer(), pool), retryBudget);
    }
  }

  Pools(List<PoolSettings> settings) {
    become(planned(settings));
  }

  /** The pools as these settings want them: those that are there already with their backends, and new ones, empty. */
  List<Entry> planned(List<PoolSettings> settings) {
    Map<String, Entry> now = byName;
    return settings.stream().map(each -> {
      Entry known = now.get(each.name());
      return known == null ? made(each) : known.with(each);
    }).toList();
  }

  private static Entry made(PoolSettings settings) {
    Pool pool = new Pool(Upstreams.rules(settings));
    return new Entry(settings, pool, Upstreams.balancer(settings.balancer(), pool), new RetryBudget());
  }

  /**
   * Makes these the pools. Those that are not among them are probed no more; requests that hold them go on, and may still
   * be given to their backends.
   */
  synchronized void become(List<Entry> entries) {
    Map<String, Entry> next = new LinkedHashMap<>();
    for (Entry entry : entries) {
      entry.pool().become(Upstreams.rules(entry.settings()));
      next.put(entry.name(), entry);
    }
    byName = Collections.unmodifiableMap(next);
    next.values().forEach(this::check);
    checkers.entrySet().removeIf(each -> {
      boolean gone = !next.containsKey(each.getKey());
      if (gone) {
        each.getValue().close();
      }
      return gone;
    });
  }

  /** Begins to probe the backends of all pools, until {@link #close}. */
  synchronized void probe(HttpProbe with) {
    probe = with;
    byName.values().forEach(this::check);
  }

  private void check(Entry entry) {
    HttpProbe with = probe;
    if (with != null) {
      checkers.computeIfAbsent(entry.name(), name -> HealthChecker.start(entry.pool(), with));
    }
  }

  /** All pools, {@value io.gatehouse.upstream.Upstream#DEFAULT_POOL} first. */
  public Collection<Entry> all() {
    return byName.values();
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
    return named(Upstream.DEFAULT_POOL).orElseThrow();
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
  public synchronized void close() {
    checkers.values().forEach(HealthChecker::close);
    checkers.clear();
  }
}

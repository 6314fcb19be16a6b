package io.gatehouse.core.setup;

import io.gatehouse.StoreException;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registration;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of the pools: those of the configuration, those that were discovered, those that were kept at run time,
 * and those that register themselves and were heard of in time. A kept or registered one replaces the others with the
 * same address, and forgetting it brings them back.
 *
 * <p>Any number of threads.
 */
public final class BackendRoster {

  private static final Logger log = LoggerFactory.getLogger(BackendRoster.class);

  private final BackendAdmin kept;
  private final Registrations registrations;
  private final Consumer<List<Upstream>> pools;
  private final LongSupplier nanoTime;
  private volatile List<Upstream> configured;
  private volatile List<Upstream> discovered = List.of();

  /** Guarded by this. */
  private final Attendance attendance = new Attendance();
  /** Whether the store could not be asked the last time. Guarded by this. */
  private boolean silence;
  /** What is registered and in use, and what is kept for good, as the store last said. Guarded by this. */
  private List<Upstream> present = List.of();
  private List<Upstream> lasting = List.of();
  /** What the pools were given; null at first. Guarded by this. */
  private @Nullable List<Upstream> given;

  /** @param pools is given all backends whenever they have changed */
  BackendRoster(
      List<Upstream> configured, BackendAdmin kept, Registrations registrations, Consumer<List<Upstream>> pools) {
    this(configured, kept, registrations, pools, System::nanoTime);
  }

  BackendRoster(
      List<Upstream> configured,
      BackendAdmin kept,
      Registrations registrations,
      Consumer<List<Upstream>> pools,
      LongSupplier nanoTime) {
    this.configured = List.copyOf(configured);
    this.kept = kept;
    this.registrations = registrations;
    this.pools = pools;
    this.nanoTime = nanoTime;
  }

  /** Whether the configuration names a backend with this address, which then cannot be removed at run time. */
  public boolean configured(URI uri) {
    return configured.stream().anyMatch(backend -> backend.uri().equals(uri));
  }

  /** What was discovered, as it is without what was kept over it. */
  public List<Upstream> discovered() {
    return discovered;
  }

  /** Whether a registered backend with this address is in use here. */
  public synchronized boolean registered(URI uri) {
    return attendance.present(uri);
  }

  /** Takes these for what is configured now, when the pools may be others as well. */
  synchronized void configure(List<Upstream> backends) {
    configured = List.copyOf(backends);
    given = null;
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

  /** Reads what is kept and gives all to the pools; while the store cannot answer, what was kept before counts. */
  synchronized void refresh() {
    try {
      // In this order: one that is registered and becomes one for good between the two is in both, and not in neither.
      List<Registration> registered = registrations.registrations();
      lasting = kept.backends();
      present = attendance.look(registered, silence, nanoTime.getAsLong());
      silence = false;
    } catch (StoreException e) {
      silence = true;
      log.warn("The kept backends cannot be read, they stay as they were: {}", e.getMessage());
    }
    give(merge(merge(merge(discovered, configured), present), lasting));
  }

  /** The same after the store could perhaps not be asked for a while. */
  synchronized void refreshAfterSilence() {
    silence = true;
    refresh();
  }

  /** Reads again if the time of a registered backend may be up. Call it often, and while the store answers. */
  synchronized void look() {
    if (attendance.due(nanoTime.getAsLong())) {
      refresh();
    }
  }

  private void give(List<Upstream> backends) {
    if (!backends.equals(given)) {
      pools.accept(backends);
      given = backends;
    }
  }
}

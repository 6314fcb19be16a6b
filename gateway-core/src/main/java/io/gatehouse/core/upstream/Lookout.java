package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for backends for as long as it is open, and tells of every change. A discovery that fails, or finds nobody where
 * there were some, changes nothing: names that do not resolve for a moment must not empty a pool.
 *
 * <p>Runs on a daemon thread named {@code gatehouse-discovery}.
 */
public final class Lookout implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Lookout.class);

  private final List<Discovery> discoveries;
  private final Consumer<List<Upstream>> whenChanged;
  private final Map<Discovery, List<Upstream>> found = new LinkedHashMap<>();
  private final Map<Discovery, String> faults = new HashMap<>();
  private List<Upstream> told = List.of();
  private volatile boolean open = true;
  private @Nullable Thread thread;

  Lookout(List<Discovery> discoveries, Consumer<List<Upstream>> whenChanged) {
    this.discoveries = List.copyOf(discoveries);
    this.whenChanged = whenChanged;
  }

  /**
   * Looks once before it returns, and then at the interval. Whoever calls owes {@link #close}.
   *
   * @param whenChanged is given all that was found, no two with the same URI; called by one thread at a time
   */
  public static Lookout start(
      List<Discovery> discoveries, Duration interval, Consumer<List<Upstream>> whenChanged) {
    Lookout lookout = new Lookout(discoveries, whenChanged);
    if (discoveries.isEmpty()) {
      return lookout;
    }
    lookout.look();
    Thread thread = new Thread(() -> lookout.run(interval.toNanos()), "gatehouse-discovery");
    thread.setDaemon(true);
    lookout.thread = thread;
    thread.start();
    return lookout;
  }

  private void run(long intervalNanos) {
    while (open) {
      LockSupport.parkNanos(this, intervalNanos);
      if (open) {
        look();
      }
    }
  }

  void look() {
    discoveries.forEach(this::ask);
    Map<URI, Upstream> all = new LinkedHashMap<>();
    found.values().forEach(list -> list.forEach(backend -> all.putIfAbsent(backend.uri(), backend)));
    List<Upstream> now = List.copyOf(all.values());
    synchronized (this) {
      if (open && !now.equals(told)) {
        log.info("Discovered backends: {}", now.stream().map(Upstream::uri).toList());
        told = now;
        whenChanged.accept(now);
      }
    }
  }

  private void ask(Discovery discovery) {
    String fault;
    try {
      List<Upstream> backends = new ArrayList<>(discovery.find());
      boolean emptied = backends.isEmpty() && !found.getOrDefault(discovery, List.of()).isEmpty();
      if (!emptied) {
        found.put(discovery, backends);
        faults.remove(discovery);
        return;
      }
      fault = "no backend is named any more";
    } catch (IOException | RuntimeException e) {
      fault = e.getMessage() == null ? e.toString() : e.getMessage();
    }
    if (!fault.equals(faults.put(discovery, fault))) {
      log.warn("Discovery by {} changes nothing: {}", discovery, fault);
    }
  }

  /** Stops looking. Nothing is told any more when this returns. */
  @Override
  public void close() {
    synchronized (this) {
      open = false;
    }
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}

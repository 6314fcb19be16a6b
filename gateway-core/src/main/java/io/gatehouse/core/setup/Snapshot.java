package io.gatehouse.core.setup;

import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.route.Routes;
import io.gatehouse.core.settings.Settings;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that follows from settings which can change while a gateway runs: how it decides, and how it picks backends. A
 * request goes by one snapshot from its admission to its end, whatever becomes of the settings meanwhile. Immutable; what
 * is counted and how backends are lives in the {@link Gatehouse}, and is the same for all snapshots.
 *
 * @param settings those in force
 * @param gateway decides
 * @param routes which pool requests go to; empty when all go to that named {@code default}
 * @param pools those there are, {@code default} first
 * @param quotaAccounts what users have used, and the changes that touch it
 * @param pictureUrls signs URLs that {@code gateway} takes; empty when it takes none
 */
public record Snapshot(
    Settings settings,
    KeyedGateway gateway,
    Routes routes,
    List<Pools.Entry> pools,
    QuotaAccounts quotaAccounts,
    Optional<PictureUrls> pictureUrls)
    implements Basis {

  public Snapshot {
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(gateway, "gateway");
    Objects.requireNonNull(routes, "routes");
    pools = List.copyOf(pools);
    Objects.requireNonNull(quotaAccounts, "quotaAccounts");
    Objects.requireNonNull(pictureUrls, "pictureUrls");
  }

  @Override
  public QuotaPlan quotaPlan() {
    return gateway.quotaPlan();
  }

  /**
   * The pool with a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public Pools.Entry pool(String name) {
    return pools.stream().filter(entry -> entry.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("pool: " + name + " (expected: one that the settings name)"));
  }
}

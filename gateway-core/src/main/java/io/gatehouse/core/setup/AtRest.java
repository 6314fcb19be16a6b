package io.gatehouse.core.setup;

import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Preview;
import io.gatehouse.StoreException;
import io.gatehouse.access.Countries;
import io.gatehouse.core.abuse.Blocklist;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.key.User;
import io.gatehouse.quota.QuotaStore;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a gateway, by its settings: enough to administer it, whether it runs somewhere or not. Counts nothing,
 * probes nothing, opens no port and asks no Redis. What only running gateways know looks here as it does at their start:
 * rate limits are untouched, backends unchecked, discovered backends unknown.
 *
 * <p>Any number of threads; blocks as the database does.
 */
public final class AtRest implements Administrable, AutoCloseable {

  /** Room for the limits of the one request that is looked at. */
  private static final int SLOTS = 64;

  private final Stores stores;
  private final InstantSource clock;
  private final Kept kept;
  private final Pools pools;
  private final BackendRoster roster;
  private final AnswerCache answers = new AnswerCache(0);

  /** Made when it is first asked for, since most of administration never asks. Guarded by this. */
  private @Nullable KeyedGateway gateway;

  /** Read when it is first asked for; null also without a file. Guarded by this. */
  private @Nullable Countries countries;

  private record Kept(Settings settings, QuotaPlan quotaPlan, QuotaAccounts quotaAccounts) implements Basis {}

  private AtRest(Settings settings, Stores stores, InstantSource clock) {
    this.stores = stores;
    this.clock = clock;
    QuotaPlan plan =
        new QuotaPlan(settings.quotas().quotas(), settings.quotas().calendar(), stores.quotas(), stores.plans());
    this.kept =
        new Kept(
            settings,
            plan,
            new QuotaAccounts(new KeptCounts(stores.usage()), stores.quotas(), plan, stores.crossings(), clock));
    this.pools = new Pools(settings.pools());
    this.roster =
        new BackendRoster(settings.backends(), stores.backends(), stores.registrations(), pools::replace);
  }

  /**
   * Opens the stores and migrates the database.
   *
   * @throws StoreException when the database cannot be used
   */
  public static AtRest open(Settings settings, InstantSource clock) {
    return new AtRest(settings, Stores.open(settings, clock), clock);
  }

  @Override
  public Stores stores() {
    return stores;
  }

  @Override
  public Basis snapshot() {
    return kept;
  }

  @Override
  public Gateway gateway() {
    return keyed();
  }

  @Override
  public boolean runs() {
    return false;
  }

  @Override
  public Optional<Preview> preview(Inbound request, String keyId) {
    return stores.keys().key(keyId).map(key -> {
      boolean userEnabled = stores.users().user(key.user()).map(User::enabled).orElse(false);
      return keyed().preview(request, key.withEnabled(key.enabled() && userEnabled));
    });
  }

  private synchronized KeyedGateway keyed() {
    KeyedGateway known = gateway;
    if (known == null) {
      QuotaStore counts = new KeptCounts(stores.usage());
      Blocklist blocks = new Blocklist(clock);
      blocks.replaceAll(Abuse.all(stores.blocks()));
      known =
          Gatehouse.rules(kept.settings(), stores, Upstreams.routes(kept.settings()), clock)
              .limiter(new MemoryRateLimiter(SLOTS, System::nanoTime))
              .addressLimiter(new MemoryRateLimiter(SLOTS, System::nanoTime))
              .quotaStore(counts)
              .blocks(blocks, countries().orElse(Countries.UNKNOWN))
              .build();
      gateway = known;
    }
    return known;
  }

  /** With the backends of the configuration and those that are kept, unchecked. */
  @Override
  public Pools pools() {
    roster.refresh();
    return pools;
  }

  @Override
  public BackendRoster roster() {
    return roster;
  }

  /** @throws SettingsException when the file of countries is of no use here */
  @Override
  public synchronized Optional<Countries> countries() {
    if (countries == null) {
      countries = Abuse.countries(kept.settings().abuse().countriesFile());
    }
    return Optional.ofNullable(countries);
  }

  @Override
  public AnswerCache answers() {
    return answers;
  }

  @Override
  public synchronized void close() {
    if (gateway != null) {
      gateway.close();
    }
    stores.close();
  }
}

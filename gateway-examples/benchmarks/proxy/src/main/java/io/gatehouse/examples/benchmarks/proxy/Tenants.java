package io.gatehouse.examples.benchmarks.proxy;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.key.User;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Many tenants in the database of a gateway that does not run yet. */
final class Tenants {

  private static final int IN_ONE_TRANSACTION = 1_000;
  private static final List<Cidr> NETWORKS = List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("127.0.0.0/8"));

  private Tenants() {}

  /**
   * Writes so many, each with one user, who has a list of networks and a key.
   *
   * @param settings the file of the gateway
   * @return the keys
   */
  static List<String> write(Path settings, int count) {
    InstantSource clock = InstantSource.system();
    SettingsSource source = new SettingsSource(Optional.of(settings), Map.of());
    List<String> keys = new ArrayList<>(count);
    try (Stores stores = Stores.open(source.read().settings(), clock)) {
      for (int from = 0; from < count; from += IN_ONE_TRANSACTION) {
        int begin = from;
        int end = Math.min(count, from + IN_ONE_TRANSACTION);
        keys.addAll(stores.together("add tenants", joint -> {
          List<String> chunk = new ArrayList<>(end - begin);
          for (int i = begin; i < end; i++) {
            chunk.add(tenant(stores, i, clock));
          }
          return chunk;
        }));
      }
    }
    return keys;
  }

  private static String tenant(Stores stores, int number, InstantSource clock) {
    String id = TimeOrderedId.next(clock);
    stores.users().addUser(new User(id, "user " + number, true, clock.instant(), Optional.of("tenant-" + number)));
    stores.whitelist().replaceNetworks(id, NETWORKS);
    return stores.issuer().issue(id, "", Set.of(), Optional.empty()).secret();
  }
}

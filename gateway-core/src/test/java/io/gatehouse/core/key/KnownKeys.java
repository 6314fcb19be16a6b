package io.gatehouse.core.key;

import io.gatehouse.Entitlement;
import io.gatehouse.StoreException;
import io.gatehouse.access.AddressRules;
import io.gatehouse.Subject;
import io.gatehouse.event.Change;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import io.gatehouse.key.KeyUpgrades;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

/** A key store that counts what it is asked and fails when told to. Upgrades are noted, and done. */
final class KnownKeys implements KeyStore, KeyUpgrades {

  static final Pepper PEPPER = new Pepper(1, "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

  final Map<KeyDigest, ApiKey> keys = new ConcurrentHashMap<>();
  final Map<String, ImportedKey> slow = new ConcurrentHashMap<>();
  final List<String> upgraded = new CopyOnWriteArrayList<>();
  final AtomicInteger asked = new AtomicInteger();
  volatile boolean away;
  volatile Runnable afterReading = () -> {};

  @Override
  public Optional<ApiKey> find(KeyDigest digest) {
    asked.incrementAndGet();
    if (away) {
      throw new StoreException("away", null);
    }
    Optional<ApiKey> key = Optional.ofNullable(keys.get(digest));
    afterReading.run();
    return key;
  }

  @Override
  public List<ImportedKey> slowlyHashed(Collection<String> starts) {
    asked.incrementAndGet();
    return starts.stream().map(slow::get).filter(Objects::nonNull).toList();
  }

  @Override
  public boolean upgrade(String id, KeyDigest fresh) {
    if (away) {
      throw new StoreException("away", null);
    }
    upgraded.add(id);
    Optional<ApiKey> key = Stream
        .concat(keys.values().stream(), slow.values().stream().map(ImportedKey::key))
        .filter(each -> each.id().equals(id))
        .findFirst();
    keys.values().removeIf(each -> each.id().equals(id));
    slow.values().removeIf(each -> each.key().id().equals(id));
    key.ifPresent(found -> keys.put(fresh, found));
    return key.isPresent();
  }

  /** With one pepper, and no imported keys. */
  KeySearch search() {
    return search(KnownKeys::dossierOf);
  }

  /** With one pepper, and no imported keys. */
  KeySearch search(Function<ApiKey, Dossier> rest) {
    return new KeySearch(Dossiers.of(this, rest), this, Peppers.of(PEPPER), text -> false);
  }

  void put(String text, ApiKey key) {
    keys.put(PEPPER.digest(text), key);
  }

  static ApiKey key(String id, String user) {
    return new ApiKey(id, user, "", "gk_live_", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty());
  }

  static Change changeOf(String user) {
    return new Change(Change.Topic.USER, user);
  }

  static Dossier dossierOf(ApiKey key) {
    return dossierOf(key, Optional.empty());
  }

  static Dossier dossierOf(ApiKey key, Optional<String> tenant) {
    return new Dossier(
        key, tenant, Optional.empty(), Map.of(), Optional.empty(), List.of(), Optional.empty(), List.of(),
        AddressRules.NONE);
  }

  static Entitlement entitlementOf(Dossier dossier) {
    ApiKey key = dossier.key();
    return new Entitlement(new Subject(key.user(), key.id()), List.of(), List.of(), List.of(), key.scopes());
  }
}

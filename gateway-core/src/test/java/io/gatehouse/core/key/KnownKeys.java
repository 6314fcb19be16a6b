package io.gatehouse.core.key;

import io.gatehouse.Entitlement;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A key store that counts what it is asked and fails when told to. */
final class KnownKeys implements KeyStore {

  static final Pepper PEPPER = new Pepper(1, "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

  final Map<KeyDigest, ApiKey> keys = new ConcurrentHashMap<>();
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

  void put(String text, ApiKey key) {
    keys.put(PEPPER.digest(text), key);
  }

  static ApiKey key(String id, String user) {
    return new ApiKey(id, user, "", "gk_live_", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty());
  }

  static Dossier dossierOf(ApiKey key) {
    return dossierOf(key, Optional.empty());
  }

  static Dossier dossierOf(ApiKey key, Optional<String> tenant) {
    return new Dossier(key, tenant, Map.of(), Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  static Entitlement entitlementOf(Dossier dossier) {
    ApiKey key = dossier.key();
    return new Entitlement(new Subject(key.user(), key.id()), List.of(), List.of(), List.of(), key.scopes());
  }
}

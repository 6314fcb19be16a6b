package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every {@link KeyStore} keeps. */
public abstract class KeyStoreContract extends StoreContract {

  static final Instant MADE = SettableClock.START;

  /** A store that holds these keys, their users being there and enabled. Called once by each test. */
  protected abstract KeyStore storeOf(Map<KeyDigest, ApiKey> keys);

  @Test
  void a_key_is_found_by_its_digest_with_all_that_is_known_of_it() {
    KeyDigest digest = digest();
    KeyDigest leaked = digest();
    List<Cidr> networks = List.of(Cidr.parse("2001:db8::/32"), Cidr.parse("192.0.2.1"));
    ApiKey key = new ApiKey(fresh("key"), fresh("user"), "a name", "gh_live_ab", Set.of("GET", "POST /x"), networks, true,
        Optional.empty(), MADE, Optional.of(MADE.plus(Duration.ofDays(30))), Optional.of("an-older-key"),
        Optional.of("a-younger-key"), "the-first-key");
    ApiKey suspended = key(fresh("user")).suspended(ApiKey.LEAKED);
    KeyStore store = storeOf(Map.of(digest, key, leaked, suspended, digest(), key(fresh("user"))));

    assertThat(store.find(digest)).contains(key);
    assertThat(store.find(leaked)).contains(suspended);
  }

  @Test
  void an_unknown_digest_is_not_found_even_if_it_differs_in_one_bit_or_in_its_version() {
    KeyDigest digest = digest();
    KeyStore store = storeOf(Map.of(digest, key(fresh("user"))));

    assertThat(store.find(digest())).isEmpty();
    assertThat(store.find(new KeyDigest(digest.version() + 1, digest.a(), digest.b(), digest.c(), digest.d())))
        .isEmpty();
    assertThat(store.find(new KeyDigest(digest.version(), digest.a() ^ 1, digest.b(), digest.c(), digest.d())))
        .isEmpty();
    assertThat(store.find(new KeyDigest(digest.version(), digest.a(), digest.b(), digest.c(), digest.d() ^ 1)))
        .isEmpty();
  }

  @Test
  void a_key_that_is_disabled_or_expired_is_found_all_the_same() {
    KeyDigest disabled = digest();
    KeyDigest expired = digest();
    KeyStore store = storeOf(Map.of(
        disabled, key(fresh("user")).withEnabled(false),
        expired, key(fresh("user")).withExpiresAt(Optional.of(MADE.plusSeconds(1)))));

    assertThat(store.find(disabled)).hasValueSatisfying(key -> assertThat(key.enabled()).isFalse());
    assertThat(store.find(expired)).hasValueSatisfying(key -> {
      assertThat(key.enabled()).isTrue();
      assertThat(key.expiredAt(MADE.plusSeconds(1))).isTrue();
    });
  }

  @Test
  void many_threads_find_the_same() {
    KeyDigest digest = digest();
    ApiKey key = key(fresh("user"));
    KeyStore store = storeOf(Map.of(digest, key));

    long found = Crowd.sum(8, 50, (thread, round) -> store.find(digest).equals(Optional.of(key)) ? 1 : 0);

    assertThat(found).isEqualTo(400);
  }

  @Test
  void a_store_that_cannot_answer_never_says_not_found() throws Exception {
    KeyDigest digest = digest();
    KeyStore store = storeOf(Map.of(digest, key(fresh("user"))));

    whileBroken(() -> store.find(digest), () -> store.find(digest()));

    assertThat(store.find(digest)).isPresent();
  }

  static ApiKey key(String user) {
    return new ApiKey(fresh("key"), user, "", "gh_live_ab", Set.of(), true, MADE, Optional.empty(), Optional.empty());
  }

  static KeyDigest digest() {
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    return new KeyDigest(1, first.getMostSignificantBits(), first.getLeastSignificantBits(),
        second.getMostSignificantBits(), second.getLeastSignificantBits());
  }
}

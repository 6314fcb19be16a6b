package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.SlowHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeySearchTest {

  /** A test vector of jBCrypt. */
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

  private static final String HASH_OF_ALPHABET = "06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC";

  private static final Pepper OLD = pepper(1, 'o');
  private static final Pepper NEW = pepper(2, 'n');
  private static final Pepper AHEAD = pepper(3, 'a');

  private final KnownKeys store = new KnownKeys();

  @Test
  void with_one_pepper_an_unknown_key_of_our_form_costs_one_look() {
    KeySearch search = search(Peppers.of(NEW));

    assertThat(find(search, "gk_unknown")).isEmpty();

    assertThat(store.asked).hasValue(1);
  }

  @Test
  void a_key_of_an_older_pepper_is_found_and_moves_to_that_in_use() {
    KeySearch search = search(new Peppers(NEW, List.of(OLD)));
    ApiKey key = KnownKeys.key("k1", "alice");
    store.keys.put(OLD.digest("gk_one"), key);

    assertThat(find(search, "gk_one")).contains(found(key, NEW.digest("gk_one")));
    assertThat(store.keys).isEqualTo(Map.of(NEW.digest("gk_one"), key));
    store.asked.set(0);

    assertThat(find(search, "gk_one")).contains(found(key, NEW.digest("gk_one")));
    assertThat(store.asked).hasValue(1);
    assertThat(store.upgraded).containsExactly("k1");
  }

  @Test
  void a_node_that_is_behind_finds_keys_of_the_next_pepper_and_leaves_them_there() {
    KeySearch search = search(new Peppers(NEW, List.of(OLD, AHEAD)));
    ApiKey key = KnownKeys.key("k1", "alice");
    store.keys.put(AHEAD.digest("gk_one"), key);

    assertThat(find(search, "gk_one")).contains(found(key, AHEAD.digest("gk_one")));
    assertThat(store.upgraded).isEmpty();
  }

  @Test
  void a_key_that_cannot_be_moved_now_is_known_all_the_same() {
    KeySearch search = search(new Peppers(NEW, List.of(OLD)));
    ApiKey key = KnownKeys.key("k1", "alice");
    store.keys.put(OLD.digest("gk_one"), key);
    store.afterReading = () -> store.away = !store.keys.containsKey(NEW.digest("gk_one")) && store.asked.get() == 2;

    assertThat(find(search, "gk_one")).contains(found(key, OLD.digest("gk_one")));
    assertThat(store.upgraded).isEmpty();
  }

  @Test
  void a_key_that_another_node_moves_during_the_search_is_found() {
    KeySearch search = search(new Peppers(NEW, List.of(OLD)));
    ApiKey key = KnownKeys.key("k1", "alice");
    store.keys.put(OLD.digest("gk_one"), key);
    store.afterReading = () -> {
      store.keys.remove(OLD.digest("gk_one"));
      store.keys.put(NEW.digest("gk_one"), key);
    };

    assertThat(find(search, "gk_one")).contains(found(key, NEW.digest("gk_one")));
  }

  @Test
  void an_imported_sha256_is_replaced_at_the_first_use() throws Exception {
    KeySearch search = search(Peppers.of(NEW));
    ApiKey key = KnownKeys.key("k1", "alice");
    store.keys.put(sha256("old-secret"), key);

    assertThat(find(search, "old-secret")).contains(found(key, NEW.digest("old-secret")));

    assertThat(store.keys).isEqualTo(Map.of(NEW.digest("old-secret"), key));
    assertThat(find(search, "old-secre7")).isEmpty();
  }

  @Test
  void what_does_not_look_like_an_imported_key_is_not_looked_for_among_them() throws Exception {
    KeySearch search = search(Peppers.of(NEW));
    store.keys.put(sha256("gk_one"), KnownKeys.key("k1", "alice"));

    assertThat(find(search, "gk_one")).isEmpty();
    assertThat(store.asked).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"$2a$", "$2b$", "$2y$"})
  void an_imported_bcrypt_hash_is_replaced_at_the_first_use(String version) {
    KeySearch search = search(Peppers.of(NEW));
    ApiKey key = slow("k1", "abcdef", version + HASH_OF_ALPHABET);

    assertThat(find(search, ALPHABET + "x")).isEmpty();
    assertThat(find(search, "abcdefg")).isEmpty();
    assertThat(store.upgraded).isEmpty();
    assertThat(find(search, ALPHABET)).contains(found(key, NEW.digest(ALPHABET)));

    assertThat(store.keys).isEqualTo(Map.of(NEW.digest(ALPHABET), key));
    assertThat(store.slow).isEmpty();
    assertThat(find(search, ALPHABET)).isPresent();
  }

  @Test
  void a_longer_text_than_bcrypt_reads_is_compared_by_its_first_72_bytes() {
    SlowHashes hashes = new SlowHashes(1);
    SlowHash hash = hashed("x".repeat(72));

    assertThat(hashes.matches("x".repeat(80), hash)).isTrue();
    assertThat(hashes.matches("x".repeat(71), hash)).isFalse();
  }

  @Test
  void a_start_that_nobody_has_costs_no_comparison_and_a_start_in_common_a_few() {
    KeySearch search = search(Peppers.of(NEW));
    for (int length = 6; length <= 9; length++) {
      slow("k" + length, ALPHABET.substring(0, length), "$2b$" + (length == 9 ? HASH_OF_ALPHABET : hashOf("other")));
    }

    assertThat(find(search, ALPHABET)).as("among the first three").isEmpty();
    store.slow.remove("abcdef");
    assertThat(find(search, ALPHABET)).isPresent();
  }

  @Test
  void comparisons_beyond_the_places_are_sent_away_and_do_not_wait() throws Exception {
    SlowHashes hashes = new SlowHashes(1);
    SlowHash slow = new SlowHash("$2b$14$" + HASH_OF_ALPHABET.substring(3));
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      boolean refused = false;
      Future<Boolean> first = other.submit(() -> hashes.matches(ALPHABET, slow));
      while (!refused) {
        if (first.isDone()) {
          first = other.submit(() -> hashes.matches(ALPHABET, slow)); // it was sent away itself, or over too soon
        }
        try {
          hashes.matches("a", hashed("a"));
        } catch (StoreException e) {
          refused = true;
          assertThat(e).hasMessageContaining("too many imported keys").hasMessageNotContaining(ALPHABET);
        }
      }
      first.get();
      assertThat(hashes.matches("a", hashed("a"))).as("the place is free again").isTrue();
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void a_store_that_is_away_is_not_an_unknown_key() {
    KeySearch search = search(new Peppers(NEW, List.of(OLD)));
    store.away = true;

    assertThatThrownBy(() -> find(search, "gk_one")).isInstanceOf(StoreException.class);
  }

  @Test
  void peppers_have_numbers_of_their_own_and_the_highest_is_asked_first() {
    assertThat(new Peppers(NEW, List.of(OLD, AHEAD)).all()).containsExactly(NEW, AHEAD, OLD);
    assertThatIllegalArgumentException().isThrownBy(() -> new Peppers(NEW, List.of(pepper(2, 'x'))))
        .withMessage("version: 2 twice (expected: once)");
    assertThatIllegalArgumentException().isThrownBy(() -> pepper(0, 'x'))
        .withMessage("version: 0 (expected: 1 or more)");
  }

  private KeySearch search(Peppers peppers) {
    return new KeySearch(Dossiers.of(store, KnownKeys::dossierOf), store, peppers, text -> !text.startsWith("gk_"));
  }

  private static Optional<KeySearch.Found> find(KeySearch search, String text) {
    return search.find(NEW.digest(text), text);
  }

  private ApiKey slow(String id, String start, String hash) {
    ApiKey key = new ApiKey(
        id, "alice", "", start, Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty());
    store.slow.put(start, new ImportedKey(key, new SlowHash(hash)));
    return key;
  }

  private static SlowHash hashed(String text) {
    return new SlowHash("$2b$" + hashOf(text));
  }

  private static String hashOf(String text) {
    return at.favre.lib.crypto.bcrypt.BCrypt.withDefaults().hashToString(4, text.toCharArray()).substring(4);
  }

  private static Pepper pepper(int version, char filling) {
    return new Pepper(version, String.valueOf(filling).repeat(32).getBytes(StandardCharsets.US_ASCII));
  }

  private static KeyDigest sha256(String text) throws Exception {
    return KeyDigest.of(0, MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static KeySearch.Found found(ApiKey key, KeyDigest under) {
    return new KeySearch.Found(KnownKeys.dossierOf(key), under);
  }
}

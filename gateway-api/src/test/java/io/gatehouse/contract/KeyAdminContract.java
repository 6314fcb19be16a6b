package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.access.Cidr;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import io.gatehouse.key.SlowHash;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link KeyAdmin} keeps, together with the {@link UserAdmin} whose users own the keys. */
public abstract class KeyAdminContract extends KeyStoreContract {

  private static final SlowHash HASH = new SlowHash("$2b$10$" + "a".repeat(53));
  private static final SlowHash OTHER_HASH = new SlowHash("$2y$04$" + "b".repeat(53));

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract KeyAdmin keys();

  /** The users that own the keys. */
  protected abstract UserAdmin users();

  @Override
  protected final KeyStore storeOf(Map<KeyDigest, ApiKey> all) {
    all.forEach((digest, key) -> {
      users().addUser(user(key.user()));
      keys().addKey(key, digest);
    });
    return keys();
  }

  @Test
  void an_added_key_is_found_by_id_by_user_and_by_digest() {
    ApiKey key = key(newUser());
    KeyDigest digest = digest();

    keys().addKey(key, digest);

    assertThat(keys().key(key.id())).contains(key);
    assertThat(keys().keysOf(key.user())).containsExactly(key);
    assertThat(keys().find(digest)).contains(key);
    assertThat(keys().key(fresh("key"))).isEmpty();
    assertThat(keys().keysOf(fresh("user"))).isEmpty();
  }

  @Test
  void an_id_or_digest_is_taken_once_and_the_user_must_be_there() {
    ApiKey key = key(newUser());
    KeyDigest digest = digest();
    keys().addKey(key, digest);

    assertThatIllegalArgumentException().isThrownBy(() -> keys().addKey(key, digest()));
    ApiKey sameDigest = key(key.user());
    assertThatIllegalArgumentException().isThrownBy(() -> keys().addKey(sameDigest, digest));
    ApiKey noUser = key(fresh("user"));
    assertThatIllegalArgumentException().isThrownBy(() -> keys().addKey(noUser, digest()));

    assertThat(keys().keysOf(key.user())).containsExactly(key);
    assertThat(keys().key(noUser.id())).isEmpty();
  }

  @Test
  void keys_of_a_user_come_oldest_first() {
    String user = newUser();
    ApiKey young = madeAfter(user, 3);
    ApiKey old = madeAfter(user, 1);
    ApiKey middle = madeAfter(user, 2);
    for (ApiKey key : List.of(young, old, middle)) {
      keys().addKey(key, digest());
    }

    assertThat(keys().keysOf(user)).containsExactly(old, middle, young);
  }

  @Test
  void an_update_replaces_all_but_id_user_and_digest() {
    ApiKey key = key(newUser());
    KeyDigest digest = digest();
    keys().addKey(key, digest);
    ApiKey changed = new ApiKey(key.id(), key.user(), "new name", key.start(), Set.of("GET"), false, key.createdAt(),
        Optional.of(MADE.plusSeconds(60)), key.replaces());

    assertThat(keys().updateKey(changed)).isTrue();

    assertThat(keys().find(digest)).contains(changed);
    assertThat(keys().key(key.id())).contains(changed);
    assertThat(keys().updateKey(key(key.user()))).isFalse();
    assertThat(keys().keysOf(key.user())).containsExactly(changed);
  }

  @Test
  void a_deleted_key_is_gone_and_its_digest_is_free_again() {
    ApiKey key = key(newUser());
    KeyDigest digest = digest();
    keys().addKey(key, digest);

    assertThat(keys().deleteKey(key.id())).isTrue();

    assertThat(keys().find(digest)).isEmpty();
    assertThat(keys().key(key.id())).isEmpty();
    assertThat(keys().deleteKey(key.id())).isFalse();
    keys().addKey(key, digest);
    assertThat(keys().find(digest)).contains(key);
  }

  @Test
  void a_rotation_changes_the_old_key_and_adds_the_fresh_one() {
    ApiKey old = key(newUser());
    KeyDigest oldDigest = digest();
    keys().addKey(old, oldDigest);
    ApiKey fading = old.withExpiresAt(Optional.of(MADE.plus(Duration.ofDays(1))));
    ApiKey fresh = new ApiKey(fresh("key"), old.user(), "", "gh_live_cd", Set.of(), true, MADE.plusSeconds(1),
        Optional.empty(), Optional.of(old.id()));
    KeyDigest freshDigest = digest();

    keys().rotateKey(fading, fresh, freshDigest);

    assertThat(keys().find(oldDigest)).contains(fading);
    assertThat(keys().find(freshDigest)).contains(fresh);
  }

  @Test
  void networks_suspension_and_successor_of_a_key_are_kept() {
    List<Cidr> networks = List.of(Cidr.parse("2001:db8::/32"), Cidr.parse("10.0.0.0/8"));
    ApiKey key = key(newUser()).withNetworks(networks).withReplacedBy("another");
    KeyDigest digest = digest();
    keys().addKey(key, digest);
    assertThat(keys().find(digest)).contains(key);

    ApiKey suspended = key.suspended(ApiKey.LEAKED);
    keys().updateKey(suspended);
    assertThat(keys().find(digest)).contains(suspended);
    assertThat(keys().key(key.id()).orElseThrow().suspension()).contains("leaked");

    keys().updateKey(suspended.withEnabled(true).withNetworks(List.of()));
    assertThat(keys().find(digest)).contains(key.withNetworks(List.of()));
  }

  @Test
  void imported_keys_are_found_by_their_digest_or_their_start() {
    ApiKey digested = key(newUser());
    ApiKey hashed = startingWith(newUser(), fresh("s").substring(0, 12));
    ApiKey longer = startingWith(hashed.user(), hashed.start() + "x");
    KeyDigest digest = unpeppered();

    keys().importKeys(List.of(
        new ImportedKey(digested, digest), new ImportedKey(hashed, HASH), new ImportedKey(longer, OTHER_HASH)));

    assertThat(keys().find(digest)).contains(digested);
    assertThat(keys().key(hashed.id())).contains(hashed);
    assertThat(keys().keysOf(hashed.user())).containsExactlyInAnyOrder(hashed, longer);
    assertThat(keys().slowlyHashed(List.of(hashed.start(), fresh("none"), longer.start())))
        .containsExactly(new ImportedKey(longer, OTHER_HASH), new ImportedKey(hashed, HASH));
    assertThat(keys().slowlyHashed(List.of(digested.start()))).isEmpty();
    users().updateUser(user(hashed.user()).withEnabled(false));
    assertThat(keys().slowlyHashed(List.of(hashed.start())))
        .containsExactly(new ImportedKey(hashed.withEnabled(false), HASH));
  }

  @Test
  void an_import_adds_all_or_nothing() {
    String user = newUser();
    ApiKey there = startingWith(user, fresh("s").substring(0, 12));
    KeyDigest digest = unpeppered();
    keys().importKeys(List.of(new ImportedKey(there, HASH), new ImportedKey(key(user), digest)));
    List<ApiKey> before = keys().keysOf(user);

    for (ImportedKey faulty : List.of(
        new ImportedKey(key(fresh("user")), unpeppered()),
        new ImportedKey(key(user), digest),
        new ImportedKey(startingWith(user, there.start()), HASH),
        new ImportedKey(there, unpeppered()))) {
      List<ImportedKey> keys = List.of(new ImportedKey(key(user), unpeppered()), faulty);
      assertThatIllegalArgumentException().isThrownBy(() -> keys().importKeys(keys));
    }

    assertThat(keys().keysOf(user)).containsExactlyElementsOf(before);
  }

  @Test
  void many_keys_are_imported_at_once() {
    String user = newUser();
    List<ImportedKey> keys = Stream.generate(() -> new ImportedKey(key(user), unpeppered())).limit(1234).toList();

    keys().importKeys(keys);

    assertThat(keys().keysOf(user)).hasSize(1234);
    assertThat(keys().find((KeyDigest) keys.get(1233).image())).contains(keys.get(1233).key());
  }

  @Test
  void an_upgrade_replaces_an_older_image_and_nothing_else() {
    ApiKey key = key(newUser());
    KeyDigest old = digest();
    keys().addKey(key, old);
    ApiKey hashed = startingWith(key.user(), fresh("s").substring(0, 12));
    keys().importKeys(List.of(new ImportedKey(hashed, HASH)));
    KeyDigest fresh = version(2, digest());
    KeyDigest freshOfHashed = version(2, digest());

    assertThat(keys().upgrade(key.id(), fresh)).isTrue();
    assertThat(keys().upgrade(hashed.id(), freshOfHashed)).isTrue();

    assertThat(keys().find(fresh)).contains(key);
    assertThat(keys().find(old)).isEmpty();
    assertThat(keys().find(freshOfHashed)).contains(hashed);
    assertThat(keys().slowlyHashed(List.of(hashed.start()))).isEmpty();
    assertThat(keys().upgrade(key.id(), version(2, digest()))).as("not newer").isFalse();
    assertThat(keys().upgrade(key.id(), digest())).as("older").isFalse();
    assertThat(keys().upgrade(fresh("key"), fresh)).isFalse();
    assertThat(keys().find(fresh)).contains(key);
  }

  @Test
  void a_digest_that_another_key_has_is_not_given_to_a_second_one() {
    ApiKey one = key(newUser());
    ApiKey two = key(one.user());
    KeyDigest old = digest();
    KeyDigest taken = version(3, digest());
    keys().addKey(one, taken);
    keys().addKey(two, old);

    assertThat(keys().upgrade(two.id(), taken)).isFalse();

    assertThat(keys().find(taken)).contains(one);
    assertThat(keys().find(old)).contains(two);
  }

  @Test
  void keys_are_counted_by_the_version_of_their_digests() {
    String user = newUser();
    long before = keys().keysByVersion().getOrDefault(77, 0L);
    long imported = keys().keysByVersion().getOrDefault(KeyDigest.UNPEPPERED, 0L);

    keys().addKey(key(user), version(77, digest()));
    keys().addKey(key(user), version(77, digest()));
    keys().importKeys(List.of(
        new ImportedKey(key(user), unpeppered()),
        new ImportedKey(startingWith(user, fresh("s").substring(0, 12)), HASH)));

    assertThat(keys().keysByVersion())
        .containsEntry(77, before + 2)
        .containsEntry(KeyDigest.UNPEPPERED, imported + 2)
        .doesNotContainKey(78);
  }

  @Test
  void of_uses_the_latest_is_kept() {
    ApiKey key = key(newUser());
    ApiKey unused = key(key.user());
    keys().addKey(key, digest());
    keys().addKey(unused, digest());
    Instant noon = MADE.plusSeconds(60);

    keys().noteUses(Map.of(key.id(), noon, fresh("key"), noon));
    keys().noteUses(Map.of(key.id(), MADE));
    keys().noteUses(Map.of());

    assertThat(keys().lastUses(List.of(key.id(), unused.id(), fresh("key"))))
        .containsExactly(Map.entry(key.id(), noon));
    keys().noteUses(Map.of(key.id(), noon.plusSeconds(60)));
    assertThat(keys().lastUses(Set.of(key.id()))).containsValue(noon.plusSeconds(60));
    assertThat(keys().key(key.id())).contains(key);
  }

  @Test
  void the_keys_that_were_used_last_come_latest_first_and_only_those_with_a_digest() {
    String user = newUser();
    List<KeyDigest> digests = new ArrayList<>();
    Instant future = MADE.plus(Duration.ofDays(10_000));
    for (int i = 0; i < 3; i++) {
      ApiKey key = key(user);
      KeyDigest digest = digest();
      keys().addKey(key, digest);
      keys().noteUses(Map.of(key.id(), future.plusSeconds(60 * i)));
      digests.add(0, digest);
    }
    ApiKey hashed = startingWith(user, fresh("s").substring(0, 12));
    keys().importKeys(List.of(new ImportedKey(hashed, HASH)));
    keys().noteUses(Map.of(hashed.id(), future.plusSeconds(600)));

    assertThat(keys().usedLast(2)).containsExactlyElementsOf(digests.subList(0, 2));
    keys().keysOf(user).forEach(key -> keys().deleteKey(key.id()));
    assertThat(keys().usedLast(1000)).doesNotContainAnyElementsOf(digests);
  }

  @Test
  void what_a_deleted_key_or_user_leaves_does_not_come_back() {
    ApiKey key = startingWith(newUser(), fresh("s").substring(0, 12));
    ImportedKey imported = new ImportedKey(key, HASH);
    keys().importKeys(List.of(imported));
    keys().noteUses(Map.of(key.id(), MADE));

    keys().deleteKey(key.id());
    assertThat(keys().slowlyHashed(List.of(key.start()))).isEmpty();
    keys().importKeys(List.of(imported));
    assertThat(keys().lastUses(List.of(key.id()))).isEmpty();

    keys().noteUses(Map.of(key.id(), MADE));
    users().deleteUser(key.user());
    assertThat(keys().slowlyHashed(List.of(key.start()))).isEmpty();
    assertThat(keys().lastUses(List.of(key.id()))).isEmpty();
  }

  @Test
  void of_many_threads_that_upgrade_a_key_one_succeeds() {
    ApiKey key = key(newUser());
    keys().addKey(key, digest());
    KeyDigest fresh = version(2, digest());

    long upgraded = Crowd.sum(8, 5, (thread, round) -> keys().upgrade(key.id(), fresh) ? 1 : 0);

    assertThat(upgraded).isEqualTo(1);
    assertThat(keys().find(fresh)).contains(key);
  }

  @Test
  void the_lineage_of_a_key_is_kept() {
    ApiKey first = key(newUser());
    ApiKey third = new ApiKey(fresh("key"), first.user(), "", "gh_live_cd", Set.of(), true, MADE, Optional.empty(),
        Optional.of(fresh("second")), first.id());
    KeyDigest digest = digest();
    keys().addKey(first, digest());
    keys().addKey(third, digest);

    keys().updateKey(third.withEnabled(false));

    assertThat(keys().find(digest)).contains(third.withEnabled(false));
    assertThat(keys().key(third.id()).orElseThrow().lineage()).isEqualTo(first.id());
    assertThat(keys().key(first.id()).orElseThrow().lineage()).isEqualTo(first.id());
  }

  @Test
  void a_rotation_that_fails_changes_nothing() {
    ApiKey old = key(newUser());
    KeyDigest oldDigest = digest();
    keys().addKey(old, oldDigest);

    ApiKey fresh = key(old.user());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys().rotateKey(old.withEnabled(false), fresh, oldDigest));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys().rotateKey(key(old.user()), fresh, digest()));

    assertThat(keys().find(oldDigest)).contains(old);
    assertThat(keys().keysOf(old.user())).containsExactly(old);
  }

  @Test
  void a_key_of_a_disabled_user_is_found_disabled_and_keeps_its_own_state() {
    User user = user(fresh("user"));
    users().addUser(user);
    ApiKey key = key(user.id());
    KeyDigest digest = digest();
    keys().addKey(key, digest);

    users().updateUser(user.withEnabled(false));
    assertThat(keys().find(digest)).hasValueSatisfying(found -> assertThat(found.enabled()).isFalse());
    assertThat(keys().key(key.id())).hasValueSatisfying(found -> assertThat(found.enabled()).isTrue());

    users().updateUser(user);
    assertThat(keys().find(digest)).contains(key);
  }

  @Test
  void keys_of_a_deleted_user_are_gone() {
    ApiKey key = key(newUser());
    KeyDigest digest = digest();
    keys().addKey(key, digest);

    assertThat(users().deleteUser(key.user())).isTrue();

    assertThat(keys().find(digest)).isEmpty();
    assertThat(keys().key(key.id())).isEmpty();
    assertThat(keys().keysOf(key.user())).isEmpty();
  }

  @Test
  void of_many_threads_that_add_the_same_digest_one_succeeds() {
    String user = newUser();
    KeyDigest digest = digest();

    long added = Crowd.sum(8, 5, (thread, round) -> {
      try {
        keys().addKey(key(user), digest);
        return 1;
      } catch (IllegalArgumentException e) {
        return 0;
      }
    });

    assertThat(added).isEqualTo(1);
    assertThat(keys().keysOf(user)).hasSize(1);
  }

  @Test
  void administration_that_cannot_answer_says_so() throws Exception {
    ApiKey key = key(newUser());
    keys().addKey(key, digest());

    whileBroken(
        () -> keys().key(key.id()),
        () -> keys().keysOf(key.user()),
        () -> keys().updateKey(key),
        () -> keys().addKey(key(key.user()), digest()),
        () -> keys().importKeys(List.of(new ImportedKey(key(key.user()), unpeppered()))),
        () -> keys().slowlyHashed(List.of("start-of-a-key")),
        () -> keys().upgrade(key.id(), version(2, digest())),
        () -> keys().keysByVersion(),
        () -> keys().noteUses(Map.of(key.id(), MADE)),
        () -> keys().lastUses(List.of(key.id())),
        () -> keys().usedLast(1),
        () -> keys().deleteKey(key.id()));

    assertThat(keys().key(key.id())).contains(key);
  }

  private String newUser() {
    User user = user(fresh("user"));
    users().addUser(user);
    return user.id();
  }

  private static User user(String id) {
    return new User(id, "name of " + id, true, MADE);
  }

  private static ApiKey startingWith(String user, String start) {
    return new ApiKey(fresh("key"), user, "", start, Set.of(), true, MADE, Optional.empty(), Optional.empty());
  }

  private static KeyDigest unpeppered() {
    return version(KeyDigest.UNPEPPERED, digest());
  }

  private static KeyDigest version(int version, KeyDigest digest) {
    return new KeyDigest(version, digest.a(), digest.b(), digest.c(), digest.d());
  }

  private static ApiKey madeAfter(String user, int seconds) {
    return new ApiKey(fresh("key"), user, "", "gh_live_ab", Set.of(), true, MADE.plusSeconds(seconds),
        Optional.empty(), Optional.empty());
  }
}

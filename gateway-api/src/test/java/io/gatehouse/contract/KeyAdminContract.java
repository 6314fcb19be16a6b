package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link KeyAdmin} keeps, together with the {@link UserAdmin} whose users own the keys. */
public abstract class KeyAdminContract extends KeyStoreContract {

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

  private static ApiKey madeAfter(String user, int seconds) {
    return new ApiKey(fresh("key"), user, "", "gh_live_ab", Set.of(), true, MADE.plusSeconds(seconds),
        Optional.empty(), Optional.empty());
  }
}

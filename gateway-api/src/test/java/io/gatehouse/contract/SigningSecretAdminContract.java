package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.SigningKey;
import io.gatehouse.key.SigningSecret;
import io.gatehouse.key.SigningSecretAdmin;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** What every {@link SigningSecretAdmin} keeps. */
public abstract class SigningSecretAdminContract extends StoreContract {

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract SigningSecretAdmin secrets();

  /** The keys that the secrets belong to. */
  protected abstract KeyAdmin keys();

  /** The users that the keys belong to. */
  protected abstract UserAdmin users();

  @Test
  void a_key_is_found_with_its_secrets_the_oldest_first() {
    ApiKey key = key();
    SigningSecret first = secret(key, "1");
    SigningSecret second = secret(key, "2");

    assertThat(secrets().signingKey(key.id())).map(SigningKey::secrets).hasValueSatisfying(
        none -> assertThat(none).isEmpty());
    assertThat(secrets().addSecret(second)).isTrue();
    assertThat(secrets().addSecret(first)).isTrue();

    SigningKey found = secrets().signingKey(key.id()).orElseThrow();
    assertThat(found.key()).isEqualTo(key);
    assertThat(found.secrets()).containsExactly(first, second);
    assertThat(secrets().secretsOf(key.id())).containsExactly(first, second);
    assertThat(secrets().signingKey(fresh("nobody"))).isEmpty();
    assertThat(secrets().secretsOf(fresh("nobody"))).isEmpty();
  }

  @Test
  void a_key_has_two_secrets_at_the_most() {
    ApiKey key = key();
    ApiKey other = key();

    assertThat(secrets().addSecret(secret(key, "1"))).isTrue();
    assertThat(secrets().addSecret(secret(key, "2"))).isTrue();
    assertThat(secrets().addSecret(secret(key, "3"))).isFalse();

    assertThat(secrets().secretsOf(key.id())).hasSize(2);
    assertThat(secrets().addSecret(secret(other, "1"))).isTrue();
  }

  @Test
  void of_many_who_add_a_secret_at_once_two_succeed() {
    ApiKey key = key();

    long added = Crowd.sum(4, 3, (thread, round) ->
        secrets().addSecret(secret(key, "-" + thread + "-" + round)) ? 1 : 0);

    assertThat(added).isEqualTo(SigningSecretAdmin.MOST_SECRETS);
    assertThat(secrets().secretsOf(key.id())).hasSize(SigningSecretAdmin.MOST_SECRETS);
  }

  @Test
  void a_secret_is_of_a_key_that_is_there_and_has_an_id_of_its_own() {
    ApiKey key = key();
    SigningSecret first = secret(key, "1");
    secrets().addSecret(first);

    assertThatThrownBy(() -> secrets().addSecret(first)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> secrets().addSecret(
            new SigningSecret(fresh("secret"), fresh("nobody"), 1, "sealed", Instant.EPOCH)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(secrets().secretsOf(key.id())).containsExactly(first);
  }

  @Test
  void a_secret_is_deleted_by_those_only_who_name_its_key() {
    ApiKey key = key();
    ApiKey other = key();
    SigningSecret first = secret(key, "1");
    SigningSecret second = secret(key, "2");
    secrets().addSecret(first);
    secrets().addSecret(second);

    assertThat(secrets().deleteSecret(other.id(), first.id())).isFalse();
    assertThat(secrets().deleteSecret(key.id(), first.id())).isTrue();
    assertThat(secrets().deleteSecret(key.id(), first.id())).isFalse();

    assertThat(secrets().secretsOf(key.id())).containsExactly(second);
    assertThat(secrets().addSecret(secret(key, "3"))).isTrue();
  }

  @Test
  void secrets_go_with_their_key_and_its_user() {
    ApiKey deleted = key();
    ApiKey orphaned = key();
    secrets().addSecret(secret(deleted, "1"));
    secrets().addSecret(secret(orphaned, "1"));

    keys().deleteKey(deleted.id());
    users().deleteUser(orphaned.user());

    for (ApiKey each : new ApiKey[] {deleted, orphaned}) {
      assertThat(secrets().signingKey(each.id())).isEmpty();
      assertThat(secrets().secretsOf(each.id())).isEmpty();
    }
  }

  @Test
  void a_key_is_enabled_only_if_its_user_is() {
    ApiKey key = key();
    User user = users().user(key.user()).orElseThrow();

    users().updateUser(user.withEnabled(false));
    assertThat(secrets().signingKey(key.id()).orElseThrow().key().enabled()).isFalse();

    users().updateUser(user);
    keys().updateKey(key.withEnabled(false));
    assertThat(secrets().signingKey(key.id()).orElseThrow().key().enabled()).isFalse();
  }

  @Test
  void what_is_sealed_anew_takes_the_place_of_what_is_older_only() {
    ApiKey key = key();
    SigningSecret secret = secret(key, "1");
    secrets().addSecret(secret);
    long ofFive = secrets().secretsByVersion().getOrDefault(5, 0L);

    assertThat(secrets().reseal(secret.resealed(5, "newer"))).isTrue();
    assertThat(secrets().reseal(secret.resealed(5, "other"))).isFalse();
    assertThat(secrets().reseal(secret.resealed(4, "older"))).isFalse();
    assertThat(secrets().reseal(secret(key, "missing").resealed(9, "x"))).isFalse();

    assertThat(secrets().secretsOf(key.id())).containsExactly(secret.resealed(5, "newer"));
    assertThat(secrets().secretsByVersion()).containsAllEntriesOf(Map.of(5, ofFive + 1));
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_there_are_no_secrets() throws Exception {
    ApiKey key = key();
    SigningSecret secret = secret(key, "1");
    secrets().addSecret(secret);

    whileBroken(
        () -> secrets().signingKey(key.id()),
        () -> secrets().secretsOf(key.id()),
        () -> secrets().addSecret(secret(key, "2")),
        () -> secrets().deleteSecret(key.id(), secret.id()),
        () -> secrets().reseal(secret.resealed(2, "x")),
        () -> secrets().secretsByVersion());

    assertThat(secrets().secretsOf(key.id())).containsExactly(secret);
  }

  private ApiKey key() {
    String user = fresh("user");
    users().addUser(new User(user, user, true, Instant.EPOCH));
    ApiKey key = new ApiKey(
        fresh("key"), user, "", "gk", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty());
    ThreadLocalRandom random = ThreadLocalRandom.current();
    keys().addKey(key, new KeyDigest(1, random.nextLong(), random.nextLong(), 3, 4));
    return key;
  }

  private static SigningSecret secret(ApiKey key, String name) {
    return new SigningSecret(key.id() + name, key.id(), 1, "sealed " + name, Instant.ofEpochMilli(7));
  }
}

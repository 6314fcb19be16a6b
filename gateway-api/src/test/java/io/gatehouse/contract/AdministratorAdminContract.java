package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.admin.Administrator;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.Role;
import io.gatehouse.key.KeyDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** What every {@link AdministratorAdmin} keeps. */
public abstract class AdministratorAdminContract extends StoreContract {

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract AdministratorAdmin administrators();

  @Test
  void who_was_added_is_found_by_id_and_by_digest() {
    Administrator owner = administrator(Role.OWNER, Optional.empty());
    Administrator tenant = administrator(Role.TENANT, Optional.of("Acme-1"));
    KeyDigest digest = digest();
    administrators().addAdministrator(owner, digest);
    administrators().addAdministrator(tenant, digest());

    assertThat(administrators().find(digest)).contains(owner);
    assertThat(administrators().administrator(owner.id())).contains(owner);
    assertThat(administrators().administrator(tenant.id())).contains(tenant);
    assertThat(administrators().find(digest())).isEmpty();
    assertThat(administrators().find(new KeyDigest(2, digest.a(), digest.b(), digest.c(), digest.d()))).isEmpty();
    assertThat(administrators().administrator(fresh("nobody"))).isEmpty();
  }

  @Test
  void neither_id_nor_digest_is_given_twice() {
    Administrator first = administrator(Role.VIEWER, Optional.empty());
    Administrator second = administrator(Role.VIEWER, Optional.empty());
    KeyDigest digest = digest();
    administrators().addAdministrator(first, digest);
    administrators().addAdministrator(second, digest());

    assertThatThrownBy(() -> administrators().addAdministrator(first, digest()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> administrators().addAdministrator(administrator(Role.OWNER, Optional.empty()), digest))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> administrators().replaceToken(second.id(), "x", digest))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(administrators().find(digest)).contains(first);
  }

  @Test
  void another_token_takes_the_place_of_the_old_one() {
    Administrator administrator = administrator(Role.OPERATOR, Optional.empty());
    KeyDigest old = digest();
    KeyDigest fresh = digest();
    administrators().addAdministrator(administrator, old);

    assertThat(administrators().replaceToken(administrator.id(), "start-2", fresh)).isTrue();

    assertThat(administrators().find(old)).isEmpty();
    assertThat(administrators().find(fresh)).contains(administrator.withStart("start-2"));
    assertThat(administrators().replaceToken(fresh("nobody"), "x", digest())).isFalse();
  }

  @Test
  void who_was_deleted_is_gone() {
    Administrator administrator = administrator(Role.REGISTRAR, Optional.empty());
    KeyDigest digest = digest();
    administrators().addAdministrator(administrator, digest);

    assertThat(administrators().deleteAdministrator(administrator.id())).isTrue();
    assertThat(administrators().deleteAdministrator(administrator.id())).isFalse();
    assertThat(administrators().find(digest)).isEmpty();
  }

  @Test
  void pages_hold_all_once_oldest_first() {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Administrator administrator = administrator(Role.VIEWER, Optional.empty());
      administrators().addAdministrator(administrator, digest());
      added.add(administrator.id());
    }

    List<String> seen = new ArrayList<>();
    String after = "";
    List<Administrator> page = administrators().administrators(after, 2);
    while (!page.isEmpty()) {
      page.forEach(each -> seen.add(each.id()));
      page = administrators().administrators(page.get(page.size() - 1).id(), 2);
    }

    assertThat(seen).containsAll(added).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void a_broken_store_says_so() throws Exception {
    whileBroken(() -> administrators().find(digest()), () -> administrators().deleteAdministrator("x"));
  }

  private Administrator administrator(Role role, Optional<String> tenant) {
    return new Administrator(fresh("id"), fresh("name"), role, tenant, "start-1", SettableClock.START);
  }

  private static KeyDigest digest() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new KeyDigest(1, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }
}

package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link UserAdmin} keeps. */
public abstract class UserAdminContract extends StoreContract {

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract UserAdmin users();

  @Test
  void an_added_user_is_found_by_id_and_by_name_without_case() {
    User user = user(fresh("id"), fresh("Käthe"));

    users().addUser(user);

    assertThat(users().user(user.id())).contains(user);
    assertThat(users().userNamed(user.name())).contains(user);
    assertThat(users().userNamed(user.name().toUpperCase(Locale.ROOT))).contains(user);
    assertThat(users().user(fresh("id"))).isEmpty();
    assertThat(users().userNamed(fresh("name"))).isEmpty();
  }

  @Test
  void an_id_or_name_is_taken_once() {
    User user = user(fresh("id"), fresh("name"));
    users().addUser(user);

    assertThatIllegalArgumentException().isThrownBy(() -> users().addUser(user(user.id(), fresh("name"))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> users().addUser(user(fresh("id"), user.name().toUpperCase(Locale.ROOT))));

    assertThat(users().user(user.id())).contains(user);
  }

  @Test
  void an_update_replaces_name_and_state() {
    User user = user(fresh("id"), fresh("name"));
    User other = user(fresh("id"), fresh("name"));
    users().addUser(user);
    users().addUser(other);
    User changed = new User(user.id(), fresh("new"), false, user.createdAt());

    assertThat(users().updateUser(changed)).isTrue();

    assertThat(users().user(user.id())).contains(changed);
    assertThat(users().userNamed(user.name())).isEmpty();
    assertThat(users().updateUser(user(fresh("id"), fresh("name")))).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> users().updateUser(user(user.id(), other.name().toUpperCase(Locale.ROOT))));
    assertThat(users().user(user.id())).contains(changed);
  }

  @Test
  void a_user_may_belong_to_a_tenant_and_to_another_or_none_later() {
    User user = new User(fresh("id"), fresh("name"), true, SettableClock.START, Optional.of("Acme-1.eu_x"));
    users().addUser(user);
    assertThat(users().user(user.id())).contains(user);
    assertThat(users().userNamed(user.name())).contains(user);
    assertThat(users().tenantOf(user.id())).contains("Acme-1.eu_x");

    users().updateUser(new User(user.id(), user.name(), true, user.createdAt(), Optional.of("other")));
    assertThat(users().tenantOf(user.id())).contains("other");
    users().updateUser(user(user.id(), user.name()));
    assertThat(users().tenantOf(user.id())).isEmpty();
    assertThat(users().tenantOf(fresh("id"))).isEmpty();
  }

  @Test
  void the_case_of_a_users_own_name_may_change() {
    User user = user(fresh("id"), fresh("name"));
    users().addUser(user);
    User louder = user(user.id(), user.name().toUpperCase(Locale.ROOT));

    assertThat(users().updateUser(louder)).isTrue();

    assertThat(users().userNamed(user.name())).contains(louder);
  }

  @Test
  void users_are_found_by_the_beginning_of_their_name_tenant_and_state() {
    String name = fresh("Näme_%");
    String tenant = fresh("tenant");
    User first = new User(fresh("id") + "-1", name + "A", true, SettableClock.START, Optional.of(tenant));
    User second = new User(fresh("id") + "-2", name + "b", false, SettableClock.START, Optional.of(tenant));
    User third = new User(fresh("id") + "-3", "x" + name, true, SettableClock.START, Optional.empty());
    List.of(first, second, third).forEach(users()::addUser);
    UserAdmin.Question everybody = UserAdmin.Question.everybody();

    assertThat(users().users(everybody.named(name.toUpperCase(Locale.ROOT)), 9)).containsExactlyInAnyOrder(first, second);
    assertThat(users().users(everybody.named(name.replace('%', '_')), 9)).isEmpty();
    assertThat(users().users(everybody.of(tenant), 9)).containsExactlyInAnyOrder(first, second);
    assertThat(users().users(everybody.of(tenant).enabled(false), 9)).containsExactly(second);
    assertThat(users().users(everybody.of(tenant).enabled(true).named(name), 9)).containsExactly(first);
    assertThat(users().users(everybody.of(fresh("nobodys")), 9)).isEmpty();
  }

  @Test
  void the_newest_may_come_first() {
    String tenant = fresh("tenant");
    List<User> added = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      User user = new User(fresh("id"), fresh("name"), true, SettableClock.START, Optional.of(tenant));
      users().addUser(user);
      added.add(0, user);
    }
    added.sort(Comparator.comparing(User::id).reversed());
    UserAdmin.Question newest = UserAdmin.Question.everybody().of(tenant).in(UserAdmin.Order.NEWEST);

    List<User> page = users().users(newest, 2);
    List<User> rest = users().users(newest.after(page.get(1).id()), 9);

    assertThat(page).containsExactlyElementsOf(added.subList(0, 2));
    assertThat(rest).containsExactlyElementsOf(added.subList(2, 5));
  }

  @Test
  void pages_hold_all_users_once_oldest_first() {
    String prefix = fresh("id");
    List<User> added = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      User user = user(prefix + "-" + i, fresh("name"));
      users().addUser(user);
      added.add(user);
    }

    List<User> seen = new ArrayList<>();
    String after = "";
    for (List<User> page = users().users(after, 3); !page.isEmpty(); page = users().users(after, 3)) {
      assertThat(page).hasSizeLessThanOrEqualTo(3);
      page.stream().filter(user -> user.id().startsWith(prefix)).forEach(seen::add);
      after = page.get(page.size() - 1).id();
    }

    assertThat(seen).containsExactlyElementsOf(added);
  }

  @Test
  void a_deleted_user_is_gone_and_the_name_is_free_again() {
    User user = user(fresh("id"), fresh("name"));
    users().addUser(user);

    assertThat(users().deleteUser(user.id())).isTrue();

    assertThat(users().user(user.id())).isEmpty();
    assertThat(users().userNamed(user.name())).isEmpty();
    assertThat(users().deleteUser(user.id())).isFalse();
    users().addUser(user(fresh("id"), user.name()));
  }

  @Test
  void of_many_threads_that_add_the_same_name_one_succeeds() {
    String name = fresh("name");

    long added = Crowd.sum(8, 5, (thread, round) -> {
      try {
        users().addUser(user(fresh("id"), name));
        return 1;
      } catch (IllegalArgumentException e) {
        return 0;
      }
    });

    assertThat(added).isEqualTo(1);
  }

  @Test
  void a_store_that_cannot_answer_says_so_and_recovers() throws Exception {
    User user = user(fresh("id"), fresh("name"));
    users().addUser(user);

    whileBroken(
        () -> users().user(user.id()),
        () -> users().userNamed(user.name()),
        () -> users().users("", 1),
        () -> users().updateUser(user),
        () -> users().deleteUser(user.id()));

    assertThat(users().user(user.id())).contains(user);
  }

  private static User user(String id, String name) {
    return new User(id, name, true, SettableClock.START);
  }
}

package io.gatehouse.jetty.admin;

import io.gatehouse.jetty.api.Caller;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.util.Optional;

/** Finds the user that a path or a query names. */
final class KnownUsers {

  private final UserAdmin users;

  KnownUsers(UserAdmin users) {
    this.users = users;
  }

  /** The user, if the caller may know of them. */
  Optional<User> find(String id, Caller caller) {
    return users.user(id).filter(user -> caller.mayKnow(user.tenant()));
  }

  /** The user, or the end of the request with 404: also when the caller may not know of them. */
  User require(String id, Caller caller) {
    return find(id, caller).orElseThrow(KnownUsers::missing);
  }

  /** The user that a path has named, and that was looked for before; or the end of the request with 404. */
  User require(String id) {
    return users.user(id).orElseThrow(KnownUsers::missing);
  }

  boolean has(String id, Caller caller) {
    return find(id, caller).isPresent();
  }

  /** For a user who was deleted while their things were changed. */
  static ProblemException missing() {
    return ProblemException.notFound("There is no user with this id.");
  }
}

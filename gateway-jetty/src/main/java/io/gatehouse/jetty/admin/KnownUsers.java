package io.gatehouse.jetty.admin;

import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;

/** Finds the user that a path or a query names. */
final class KnownUsers {

  private final UserAdmin users;

  KnownUsers(UserAdmin users) {
    this.users = users;
  }

  /** The user, or the end of the request with 404. */
  User require(String id) {
    return users.user(id).orElseThrow(KnownUsers::missing);
  }

  boolean has(String id) {
    return users.user(id).isPresent();
  }

  /** For a user who was deleted while their things were changed. */
  static ProblemException missing() {
    return ProblemException.notFound("There is no user with this id.");
  }
}

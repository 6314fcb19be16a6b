package io.gatehouse.limit;

/** Who may have limits of their own. */
public enum Level {
  /** One user, with all keys; the owner is the id of the user. */
  USER,
  /** One key, with those that it was rotated to; the owner is {@link io.gatehouse.key.ApiKey#lineage}. */
  KEY,
  /** All users of one tenant together; the owner is {@link io.gatehouse.key.User#tenant}. */
  TENANT
}

package io.gatehouse.admin;

import io.gatehouse.key.KeyDigest;
import java.util.List;
import java.util.Optional;

/**
 * Keeps administrators. A change is durable and atomic when the call returns. All methods may block, may be called by many
 * threads, and throw {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface AdministratorAdmin {

  /** Whose token has this digest. */
  Optional<Administrator> find(KeyDigest digest);

  /**
   * Adds an administrator.
   *
   * @param digest of their token
   * @throws IllegalArgumentException when the id or the digest is there already
   */
  void addAdministrator(Administrator administrator, KeyDigest digest);

  Optional<Administrator> administrator(String id);

  /**
   * A page of administrators, oldest first.
   *
   * @param after the id after which to begin; empty for the first page
   * @param most how many at the most, 1 or more
   */
  List<Administrator> administrators(String after, int most);

  /**
   * Gives an administrator another token; the old one is worth nothing from now on.
   *
   * @param start of the new token
   * @return false when there is no such administrator
   * @throws IllegalArgumentException when the digest is there already
   */
  boolean replaceToken(String id, String start, KeyDigest digest);

  /** Takes away the right to administer, at once. False when there was no such administrator. */
  boolean deleteAdministrator(String id);
}

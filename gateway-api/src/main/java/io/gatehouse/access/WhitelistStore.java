package io.gatehouse.access;

import java.util.List;

/**
 * Holds the networks from which an owner may call, and those from which not.
 *
 * <p>Any number of threads may call at once. May block, within the store's own timeout.
 */
@FunctionalInterface
public interface WhitelistStore {

  /**
   * The networks of an owner, in no particular order; empty when every address is allowed.
   *
   * @param owner the id of a user
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  List<Cidr> networksOf(String owner);

  /**
   * The networks from which an owner may not call, in no particular order, even if they are among {@link #networksOf};
   * none unless a store says otherwise.
   *
   * @param owner the id of a user
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  default List<Cidr> deniedTo(String owner) {
    return List.of();
  }
}

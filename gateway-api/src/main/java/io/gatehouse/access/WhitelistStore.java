package io.gatehouse.access;

import java.util.List;

/**
 * Holds the networks from which an owner may call.
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
}

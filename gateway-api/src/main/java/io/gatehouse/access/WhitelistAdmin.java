package io.gatehouse.access;

import java.util.List;

/** A whitelist store that can be changed. A change is durable when the call returns. */
public interface WhitelistAdmin extends WhitelistStore {

  /**
   * Replaces all networks of an owner at once; an empty list allows every address. A network given twice is kept once.
   *
   * @throws io.gatehouse.StoreException when the store cannot answer; nothing was changed, or the change may be unknown
   */
  void replaceNetworks(String owner, List<Cidr> networks);

  /** Replaces all networks from which an owner may not call; an empty list denies none. Otherwise as the above. */
  void replaceDenied(String owner, List<Cidr> networks);

  /** Every store that can be changed has both lists. */
  @Override
  List<Cidr> deniedTo(String owner);
}

package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link WhitelistStore} keeps. */
public abstract class WhitelistStoreContract extends StoreContract {

  static final List<Cidr> MIXED = List.of(
      Cidr.parse("192.0.2.0/24"), Cidr.parse("198.51.100.7"), Cidr.parse("2001:db8::/32"), Cidr.parse("0.0.0.0/0"),
      Cidr.parse("::/0"), Cidr.parse("2001:db8::1"));

  /** A store that holds these networks for this owner, an existing user, and none for any other. */
  protected abstract WhitelistStore storeOf(String owner, List<Cidr> networks);

  @Test
  void the_networks_of_an_owner_are_those_that_were_stored() {
    String owner = fresh("owner");
    WhitelistStore store = storeOf(owner, MIXED);

    assertThat(store.networksOf(owner)).containsExactlyInAnyOrderElementsOf(MIXED);
  }

  @Test
  void an_owner_without_networks_has_an_empty_list() {
    String owner = fresh("owner");
    WhitelistStore store = storeOf(owner, List.of());

    assertThat(store.networksOf(owner)).isEmpty();
    assertThat(store.networksOf(fresh("owner"))).isEmpty();
  }

  @Test
  void many_threads_see_the_same() {
    String owner = fresh("owner");
    WhitelistStore store = storeOf(owner, MIXED);

    long seen = Crowd.sum(8, 20, (thread, round) -> store.networksOf(owner).size());

    assertThat(seen).isEqualTo(8L * 20 * MIXED.size());
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_all_is_allowed() throws Exception {
    String owner = fresh("owner");
    WhitelistStore store = storeOf(owner, MIXED);

    whileBroken(() -> store.networksOf(owner), () -> store.networksOf(fresh("owner")));

    assertThat(store.networksOf(owner)).hasSameSizeAs(MIXED);
  }
}

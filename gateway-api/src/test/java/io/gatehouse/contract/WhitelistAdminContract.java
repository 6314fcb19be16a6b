package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistAdmin;
import io.gatehouse.access.WhitelistStore;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link WhitelistAdmin} keeps. */
public abstract class WhitelistAdminContract extends WhitelistStoreContract {

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract WhitelistAdmin whitelist();

  /** Makes a user with this id, where networks need one. */
  protected abstract void addOwner(String id);

  @Override
  protected final WhitelistStore storeOf(String owner, List<Cidr> networks) {
    addOwner(owner);
    whitelist().replaceNetworks(owner, networks);
    return whitelist();
  }

  @Test
  void replacing_leaves_only_the_new_networks_and_those_of_others() {
    String owner = fresh("owner");
    String other = fresh("owner");
    storeOf(owner, MIXED);
    storeOf(other, MIXED);

    whitelist().replaceNetworks(owner, List.of(Cidr.parse("10.0.0.0/8"), MIXED.get(0)));

    assertThat(whitelist().networksOf(owner)).containsExactlyInAnyOrder(Cidr.parse("10.0.0.0/8"), MIXED.get(0));
    assertThat(whitelist().networksOf(other)).containsExactlyInAnyOrderElementsOf(MIXED);
    whitelist().replaceNetworks(owner, List.of());
    assertThat(whitelist().networksOf(owner)).isEmpty();
  }

  @Test
  void a_network_given_twice_is_kept_once() {
    String owner = fresh("owner");

    storeOf(owner, List.of(Cidr.parse("10.1.2.3/8"), Cidr.parse("10.0.0.0/8"), Cidr.parse("::ffff:10.0.0.0/104")));

    assertThat(whitelist().networksOf(owner)).containsExactly(Cidr.parse("10.0.0.0/8"));
  }

  @Test
  void readers_see_one_list_or_the_other_and_never_a_mixture() {
    String owner = fresh("owner");
    List<Cidr> two = List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("10.0.0.0/9"));
    List<Cidr> three = List.of(Cidr.parse("192.0.2.0/24"), Cidr.parse("192.0.2.0/25"), Cidr.parse("192.0.2.0/26"));
    storeOf(owner, two);

    Crowd.sum(4, 25, (thread, round) -> {
      if (thread == 0) {
        whitelist().replaceNetworks(owner, round % 2 == 0 ? three : two);
      }
      Set<Cidr> seen = Set.copyOf(whitelist().networksOf(owner));
      assertThat(seen).isIn(Set.copyOf(two), Set.copyOf(three));
      return 0;
    });
  }

  @Test
  void what_is_denied_is_a_list_of_its_own() {
    String owner = fresh("owner");
    String other = fresh("owner");
    storeOf(owner, MIXED);
    addOwner(other);

    whitelist().replaceDenied(owner, List.of(MIXED.get(1), MIXED.get(1), Cidr.parse("::ffff:198.51.100.7")));

    assertThat(whitelist().deniedTo(owner)).containsExactly(MIXED.get(1));
    assertThat(whitelist().networksOf(owner)).containsExactlyInAnyOrderElementsOf(MIXED);
    assertThat(whitelist().deniedTo(other)).isEmpty();
    whitelist().replaceNetworks(owner, List.of());
    assertThat(whitelist().deniedTo(owner)).containsExactly(MIXED.get(1));
    whitelist().replaceDenied(owner, List.of());
    assertThat(whitelist().deniedTo(owner)).isEmpty();
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_nothing_is_denied() throws Exception {
    String owner = fresh("owner");
    storeOf(owner, List.of());
    whitelist().replaceDenied(owner, MIXED);

    whileBroken(() -> whitelist().deniedTo(owner), () -> whitelist().replaceDenied(owner, List.of()));

    assertThat(whitelist().deniedTo(owner)).hasSameSizeAs(MIXED);
  }
}

package io.gatehouse.core.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.Countries;
import io.gatehouse.contract.SettableClock;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BlocklistTest {

  private static final Countries HOME = address -> Optional.of("DE");

  private final SettableClock clock = new SettableClock();
  private final Blocklist list = new Blocklist(clock);

  @Test
  void a_network_keeps_out_whoever_is_in_it_and_nobody_else() {
    list.put(network("1", "192.0.2.0/24"));
    list.put(network("2", "2001:db8:1::/48"));

    assertThat(idOf("192.0.2.255")).isEqualTo("1");
    assertThat(idOf("192.0.3.0")).isNull();
    assertThat(idOf("2001:db8:1:ffff::1")).isEqualTo("2");
    assertThat(idOf("2001:db8:2::1")).isNull();
    list.remove("1");
    assertThat(idOf("192.0.2.255")).isNull();
    assertThat(idOf("2001:db8:1::1")).isEqualTo("2");
  }

  @Test
  void a_client_is_the_same_however_its_address_is_written() throws Exception {
    list.put(network("1", "::ffff:198.51.100.7"));
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, (byte) 198, 51, 100, 7};

    assertThat(idOf("198.51.100.7")).isEqualTo("1");
    assertThat(list.ofAddress(java.net.Inet6Address.getByAddress(null, mapped, -1), HOME)).isNotNull();
    assertThat(idOf("64:ff9b::198.51.100.7")).isEqualTo("1");
    list.put(network("2", "64:ff9b::/32"));
    assertThat(idOf("64:ff9b::203.0.113.9")).isEqualTo("2");
    assertThat(idOf("203.0.113.9")).isNull();
  }

  @Test
  void everything_is_a_network_too() {
    list.put(network("1", "0.0.0.0/0"));
    assertThat(idOf("192.0.2.1")).isEqualTo("1");
    assertThat(idOf("2001:db8::1")).isNull();
    list.put(network("2", "::/0"));
    assertThat(idOf("2001:db8::1")).isEqualTo("2");
  }

  @Test
  void what_is_enforced_goes_before_what_is_in_the_shadow_wide_or_narrow() {
    list.put(shadow(network("wide", "10.0.0.0/8")));
    assertThat(idOf("10.1.1.1")).isEqualTo("wide");
    list.put(network("narrow", "10.1.0.0/16"));
    assertThat(idOf("10.1.1.1")).isEqualTo("narrow");
    assertThat(idOf("10.2.1.1")).isEqualTo("wide");
    list.put(network("wide", "10.0.0.0/8"));
    list.put(shadow(network("narrow", "10.1.0.0/16")));
    assertThat(idOf("10.1.1.1")).isEqualTo("wide");
  }

  @Test
  void a_block_ends_at_its_moment_without_being_taken_away() {
    Instant end = clock.instant().plusSeconds(60);
    list.put(network("1", "192.0.2.1").withExpiresAt(Optional.of(end)));
    list.put(block("2", Kind.KEY, "k1").withExpiresAt(Optional.of(end)));

    clock.advance(Duration.ofSeconds(60).minusMillis(1));
    assertThat(idOf("192.0.2.1")).isEqualTo("1");
    assertThat(list.ofCaller("u1", "k1")).isNotNull();
    assertThat(list.inForce(Kind.NETWORK)).isEqualTo(1);
    clock.advance(Duration.ofMillis(1));
    assertThat(idOf("192.0.2.1")).isNull();
    assertThat(list.ofCaller("u1", "k1")).isNull();
    assertThat(list.inForce(Kind.NETWORK)).isZero();
  }

  @Test
  void the_same_network_may_be_blocked_by_two_and_one_of_them_is_enough() {
    list.put(network("1", "192.0.2.1"));
    list.put(automatic("2", Kind.NETWORK, "192.0.2.1/32", 1));

    list.remove("1");
    assertThat(idOf("192.0.2.1")).isEqualTo("2");
    list.remove("2");
    assertThat(idOf("192.0.2.1")).isNull();
  }

  @Test
  void a_country_is_asked_for_only_where_one_is_blocked() {
    List<InetAddress> asked = new ArrayList<>();
    Countries countries = address -> {
      asked.add(address);
      return address.equals(Cidr.address("192.0.2.1")) ? Optional.of("DE") : Optional.empty();
    };
    list.put(network("1", "198.51.100.0/24"));
    list.ofAddress(Cidr.address("192.0.2.1"), countries);
    assertThat(asked).isEmpty();

    list.put(block("2", Kind.COUNTRY, "DE"));

    assertThat(list.ofAddress(Cidr.address("192.0.2.1"), countries)).isNotNull();
    assertThat(list.ofAddress(Cidr.address("203.0.113.1"), countries)).isNull();
    assertThat(list.ofAddress(Cidr.address("198.51.100.1"), countries)).extracting(Block::id).isEqualTo("1");
    assertThat(asked).hasSize(2);
  }

  @Test
  void a_key_is_kept_out_for_itself_or_for_its_user() {
    list.put(block("1", Kind.KEY, "k1"));
    list.put(shadow(block("2", Kind.USER, "u1")));

    assertThat(list.ofCaller("u1", "k1")).extracting(Block::id).isEqualTo("1");
    assertThat(list.ofCaller("u1", "k2")).extracting(Block::id).isEqualTo("2");
    assertThat(list.ofCaller("u2", "k2")).isNull();
    assertThat(list.ofCaller("k1", "u1")).isNull();
  }

  @Test
  void all_blocks_may_be_replaced_at_once() {
    list.put(network("1", "192.0.2.1"));
    list.put(block("2", Kind.USER, "u1"));

    list.replaceAll(List.of(network("3", "192.0.2.2"), automatic("4", Kind.KEY, "k1", 3)));

    assertThat(idOf("192.0.2.1")).isNull();
    assertThat(idOf("192.0.2.2")).isEqualTo("3");
    assertThat(list.ofCaller("u1", "k1")).extracting(Block::id).isEqualTo("4");
    assertThat(list.automatic(Kind.KEY, "k1")).map(Block::strikes).contains(3);
    assertThat(list.automatic(Kind.USER, "u1")).isEmpty();
  }

  @Test
  void what_has_ended_is_forgotten_when_asked_and_nothing_else() {
    Optional<Instant> end = Optional.of(clock.instant().plusSeconds(1));
    list.put(automatic("1", Kind.KEY, "k1", 1).withExpiresAt(end));
    list.put(automatic("2", Kind.KEY, "k2", 1));
    list.put(block("3", Kind.KEY, "k3").withExpiresAt(end));

    list.forgetAutomatic(clock.instant().plusSeconds(2));
    assertThat(list.automatic(Kind.KEY, "k1")).isEmpty();
    assertThat(list.automaticBlocks()).isEqualTo(1);
    assertThat(list.ofCaller("", "k3")).isNotNull();
    list.forget(clock.instant().plusSeconds(2));
    assertThat(list.ofCaller("", "k3")).isNull();
    assertThat(list.ofCaller("", "k2")).isNotNull();
  }

  @Test
  void it_says_of_every_address_what_a_walk_over_all_networks_says() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Blocklist tree = new Blocklist(clock);
      Map<String, Block> all = new HashMap<>();
      for (int i = 0; i < 60; i++) {
        if (random.nextInt(4) == 0 && !all.isEmpty()) {
          String id = all.keySet().iterator().next();
          all.remove(id);
          tree.remove(id);
        } else {
          Cidr network = new Cidr(address(random), random.nextInt(33));
          Block block = network("n" + random.nextInt(30), network.toString());
          block = random.nextBoolean() ? block : shadow(block);
          all.put(block.id(), block);
          tree.put(block);
        }
        InetAddress address = address(random);
        List<Block> covering =
            all.values().stream().filter(block -> Cidr.parse(block.value()).contains(address)).toList();
        boolean enforced = covering.stream().anyMatch(block -> block.enforcement() == Enforcement.ENFORCED);
        Block found = tree.ofAddress(address, HOME);
        assertThat(found != null).as("seed %s, %s in %s", seed, address, all.values()).isEqualTo(!covering.isEmpty());
        if (found != null) {
          assertThat(covering).contains(found);
          assertThat(found.enforcement() == Enforcement.ENFORCED).as("seed %s", seed).isEqualTo(enforced);
        }
      }
      all.keySet().forEach(tree::remove);
      assertThat(tree.ofAddress(address(random), HOME)).isNull();
    }
  }

  /** Few bits differ, so that networks lie in each other. */
  private static InetAddress address(Random random) {
    if (random.nextBoolean()) {
      return Cidr.address(random.nextInt(2) * 128 + ".0." + random.nextInt(4) + "." + random.nextInt(8));
    }
    return Cidr.address(Integer.toHexString(random.nextInt(4) << 12) + ":" + random.nextInt(3) + "::" + random.nextInt(4));
  }

  @Test
  void a_hundred_thousand_networks_cost_an_address_a_few_steps_and_no_memory() {
    Random random = new Random(7);
    List<Block> many = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      String address = random.nextInt(223) + "." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256);
      many.add(network("n" + i, address + "/" + (20 + random.nextInt(13))));
    }
    list.replaceAll(many);
    InetAddress inside = Cidr.parse(many.get(99_999).value()).network();
    InetAddress outside = Cidr.address("230.1.2.3");
    InetAddress ipv6 = Cidr.address("2001:db8::1");
    assertThat(list.ofAddress(inside, HOME)).isNotNull();

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 30; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      int found = 0;
      for (int i = 0; i < 10_000; i++) {
        found += list.ofAddress(i % 2 == 0 ? inside : outside, HOME) == null ? 0 : 1;
      }
      assertThat(found).isEqualTo(5_000);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    // Until it is compiled, the bytes of each address are copied.
    assertThat(least / 10_000.0).isLessThan(32);
    assertThat(list.ofAddress(ipv6, HOME)).isNull();

    list.put(network("one more", "230.1.2.0/24"));
    assertThat(list.ofAddress(outside, HOME)).isNotNull();
  }

  private @Nullable String idOf(String address) {
    Block block = list.ofAddress(Cidr.address(address), HOME);
    return block == null ? null : block.id();
  }

  private static Block network(String id, String value) {
    return block(id, Kind.NETWORK, value);
  }

  private static Block block(String id, Kind kind, String value) {
    return new Block(
        id.replace(" ", ""), kind, value, "", Enforcement.ENFORCED, Source.ADMINISTRATOR, SettableClock.START,
        Optional.empty(), 0);
  }

  private static Block automatic(String id, Kind kind, String value, int strikes) {
    return new Block(
        id, kind, value, "", Enforcement.ENFORCED, Source.AUTOMATIC, SettableClock.START, Optional.empty(), strikes);
  }

  private static Block shadow(Block block) {
    return block.withEnforcement(Enforcement.SHADOW);
  }
}

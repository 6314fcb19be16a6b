package io.gatehouse.core.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Enforcement;
import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.Subject;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.Countries;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.abuse.Offence.Cause;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.memory.MemoryRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gates of blocks and what has callers suspended, together as they stand in a gateway, in the time of a clock. */
class AbuseWatchTest {

  private static final Outcome DONE = new Outcome(200, 0, 5, Duration.ofMillis(1), Outcome.Ending.ANSWERED);

  private final SettableClock clock = new SettableClock();
  private final Blocklist list = new Blocklist(clock);
  private int ids;
  private final Suspensions suspensions =
      Suspensions.start(
          list, wanted -> wanted.stream().map(each -> Optional.of(each.block())).toList(),
          penalties(Enforcement.ENFORCED), () -> "id" + ids++, clock);
  private final AbuseWatch watch =
      new AbuseWatch(new MemoryRateLimiter(1 << 10, clock.nanoTime()), suspensions, clock);
  private Reason before = Reason.KEY_UNKNOWN;
  private Reason after = Reason.RATE_LIMITED;
  private final List<String> wouldRefuse = new ArrayList<>();
  private final Observer shadows = new Observer() {
    @Override
    public void wouldRefuse(Passage passage, Refusal refusal) {
      wouldRefuse.add(refusal.rule());
    }
  };

  /** Knows who has a key k1, k2 and so on, and refuses those without. */
  private final Gate identity = passage -> {
    Optional<String> key = passage.inbound().header("X-API-Key");
    if (key.isEmpty()) {
      return Optional.of(Refusal.of(before, "no"));
    }
    passage.entitle(
        new Entitlement(new Subject("u" + key.get(), key.get()), List.of(), List.of(), List.of(), Set.of()));
    return Optional.empty();
  };

  private final Gate limits =
      passage -> passage.inbound().target().equals("/beyond")
          ? Optional.of(Refusal.of(after, "no")) : Optional.empty();

  private final Gates gates = new Gates(
      List.of(new BlockGate(list, Countries.UNKNOWN), identity, new CallerBlockGate(list), limits),
      List.of(watch, shadows));

  private static Penalties penalties(Enforcement enforcement) {
    return new Penalties(Duration.ofMinutes(1), Duration.ofHours(24), Duration.ofHours(24), enforcement);
  }

  private static AbuseWatch.Rules rules(long badKeys, long keyRefusals, long factor, String... exempt) {
    return new AbuseWatch.Rules(
        badKeys, keyRefusals, factor, 10, List.of(exempt).stream().map(Cidr::parse).toList(), 64);
  }

  @AfterEach
  void close() {
    suspensions.close();
  }

  @Test
  void too_many_bad_keys_keep_the_address_out_with_every_key() {
    watch.become(Optional.of(rules(5, 0, 0)));

    assertThat(outcomes(bad("192.0.2.1"), 6)).containsOnly(Reason.KEY_UNKNOWN);

    assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly(Reason.BLOCKED);
    assertThat(outcomes(good("k1", "192.0.2.2"), 1)).containsExactly((Reason) null);
    clock.advance(Duration.ofMinutes(1));
    assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly((Reason) null);
  }

  @Test
  void who_comes_back_and_does_it_again_is_out_for_twice_as_long() {
    watch.become(Optional.of(rules(5, 0, 0)));
    Duration length = Duration.ofMinutes(1);
    for (int strike = 1; strike <= 14; strike++) {
      outcomes(bad("192.0.2.1"), 6);
      Block block = list.automatic(Kind.NETWORK, "192.0.2.1").orElseThrow();
      assertThat(block.strikes()).isEqualTo(strike);
      clock.advance(length.minusMillis(1));
      assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly(Reason.BLOCKED);
      clock.advance(Duration.ofMillis(1));
      assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly((Reason) null);
      length = length.multipliedBy(2).compareTo(Duration.ofHours(24)) > 0 ? Duration.ofHours(24) : length.multipliedBy(2);
    }
    assertThat(length).isEqualTo(Duration.ofHours(24));
  }

  @Test
  void bad_keys_at_a_rate_that_is_allowed_are_no_offence() {
    watch.become(Optional.of(rules(6, 0, 0)));
    for (int i = 0; i < 500; i++) {
      clock.advance(Duration.ofSeconds(10));
      assertThat(outcomes(bad("192.0.2.1"), 1)).containsExactly(Reason.KEY_UNKNOWN);
    }
  }

  @Test
  void the_addresses_of_one_ipv6_network_are_one_client() {
    watch.become(Optional.of(rules(5, 0, 0)));
    for (int i = 0; i < 6; i++) {
      outcomes(bad("2001:db8:1:2::" + i), 1);
    }

    assertThat(outcomes(good("k1", "2001:db8:1:2:ffff::1"), 1)).containsExactly(Reason.BLOCKED);
    assertThat(outcomes(good("k1", "2001:db8:1:3::1"), 1)).containsExactly((Reason) null);
    assertThat(list.automatic(Kind.NETWORK, "2001:db8:1:2:0:0:0:0/64")).map(Block::reason)
        .contains("more than 5 keys in a minute that are none");
  }

  @Test
  void nobody_is_suspended_from_a_network_that_is_exempt_nor_from_one_around_it() {
    watch.become(Optional.of(rules(2, 0, 0, "192.0.2.0/24", "2001:db8:1:2::7")));

    outcomes(bad("192.0.2.1"), 50);
    outcomes(bad("2001:db8:1:2::8"), 50);
    outcomes(bad("198.51.100.1"), 50);

    assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly((Reason) null);
    assertThat(outcomes(good("k1", "2001:db8:1:2::7"), 1)).containsExactly((Reason) null);
    assertThat(outcomes(good("k1", "198.51.100.1"), 1)).containsExactly(Reason.BLOCKED);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void only_bad_keys_are_bad_keys(Reason each) {
    watch.become(Optional.of(rules(2, 0, 0)));
    before = each;

    outcomes(bad("192.0.2.1"), 50);

    boolean offence = Set.of(Reason.KEY_UNKNOWN, Reason.KEY_MALFORMED, Reason.ABNORMAL_USAGE).contains(each);
    assertThat(list.automatic(Kind.NETWORK, "192.0.2.1").isPresent()).isEqualTo(offence);
    assertThat(suspensions.made(each == Reason.ABNORMAL_USAGE ? Cause.ADDRESS_REFUSALS : Cause.BAD_KEYS))
        .isEqualTo(offence ? 1 : 0);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void a_key_is_suspended_for_its_own_refusals_only(Reason each) {
    watch.become(Optional.of(rules(0, 5, 0)));
    after = each;

    outcomes(beyond("k1", "192.0.2.1"), 6);

    boolean own = Set.of(
        Reason.RATE_LIMITED, Reason.QUOTA_EXHAUSTED, Reason.STORAGE_EXHAUSTED, Reason.SCOPE_MISSING, Reason.NO_ROUTE,
        Reason.FORBIDDEN).contains(each);
    assertThat(outcomes(good("k1", "192.0.2.9"), 1)).containsExactly(own ? Reason.KEY_DISABLED : null);
    assertThat(outcomes(good("k2", "192.0.2.9"), 1)).containsExactly((Reason) null);
    assertThat(suspensions.made(Cause.KEY_REFUSALS)).isEqualTo(own ? 1 : 0);
  }

  @Test
  void a_key_that_is_suddenly_used_many_times_as_often_is_suspended() {
    watch.become(Optional.of(rules(0, 0, 10)));
    for (int minute = 0; minute < 15; minute++) {
      outcomes(good("k1", "192.0.2.1"), 5);
      outcomes(good("k2", "192.0.2.1"), 5);
      clock.advance(Duration.ofMinutes(1));
    }

    assertThat(outcomes(good("k1", "192.0.2.1"), 51)).containsOnly((Reason) null);

    assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly(Reason.KEY_DISABLED);
    assertThat(outcomes(good("k2", "192.0.2.1"), 50)).containsOnly((Reason) null);
    assertThat(suspensions.made(Cause.SPIKE)).isEqualTo(1);
    assertThat(list.automatic(Kind.KEY, "k1")).map(Block::reason)
        .contains("more than 10 times as many requests in a minute as on average, 5");
  }

  @Test
  void refused_requests_are_part_of_a_spike() {
    watch.become(Optional.of(rules(0, 0, 10)));
    for (int minute = 0; minute < 15; minute++) {
      outcomes(good("k1", "192.0.2.1"), 5);
      clock.advance(Duration.ofMinutes(1));
    }

    outcomes(beyond("k1", "192.0.2.1"), 51);

    assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly(Reason.KEY_DISABLED);
  }

  @Test
  void in_the_shadow_everybody_passes_and_it_is_told_what_would_have_been() {
    suspensions.become(penalties(Enforcement.SHADOW));
    watch.become(Optional.of(rules(5, 5, 0)));
    outcomes(bad("192.0.2.1"), 6);
    outcomes(beyond("k1", "192.0.2.2"), 6);

    assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly((Reason) null);

    assertThat(wouldRefuse).containsExactly("block-network-shadow", "block-key-shadow");
    assertThat(outcomes(bad("192.0.2.1"), 50)).containsOnly(Reason.KEY_UNKNOWN);
    assertThat(list.automatic(Kind.NETWORK, "192.0.2.1")).map(Block::strikes).contains(1);
  }

  @Test
  void without_rules_it_notices_nothing() {
    outcomes(bad("192.0.2.1"), 500);
    watch.become(Optional.of(rules(0, 0, 0)));
    outcomes(bad("192.0.2.1"), 500);
    outcomes(beyond("k1", "192.0.2.1"), 500);

    assertThat(outcomes(good("k1", "192.0.2.1"), 1)).containsExactly((Reason) null);
  }

  @Test
  void a_refusal_says_that_and_not_why_nor_until_when() {
    watch.become(Optional.of(rules(1, 0, 0)));
    outcomes(bad("192.0.2.1"), 2);

    Refusal refusal = ((Admission.Refused) gates.admit(good("k1", "192.0.2.1"))).refusal();

    assertThat(refusal).isEqualTo(
        new Refusal(Reason.BLOCKED, "Requests from this address are not accepted.", Duration.ZERO, "block-network"));
  }

  @Test
  void a_preview_names_the_block_and_its_end() {
    watch.become(Optional.of(rules(1, 0, 0)));
    outcomes(bad("192.0.2.1"), 2);

    List<Finding> findings =
        gates.preview(good("k1", "192.0.2.1")).steps().stream().map(step -> step.finding()).toList();

    assertThat(findings.get(0)).isInstanceOf(Finding.Refuses.class);
    assertThat(findings.get(0).detail()).isEqualTo(
        "Requests from this address are not accepted. (network 192.0.2.1/32, block id0 until 2026-06-01T00:01:00Z)");
    assertThat(findings.get(2)).isEqualTo(new Finding.NotAsked("Nobody is known."));
    list.put(list.automatic(Kind.NETWORK, "192.0.2.1").orElseThrow().withEnforcement(Enforcement.SHADOW));
    assertThat(gates.preview(good("k1", "192.0.2.1")).steps().get(0).finding()).isEqualTo(
        new Finding.Passes(
            "block-network-shadow",
            "in the shadow: network 192.0.2.1/32, block id0 until 2026-06-01T00:01:00Z", List.of()));
    assertThat(gates.preview(good("k1", "192.0.2.2")).steps().get(0).finding())
        .isEqualTo(new Finding.Passes("", "the address is not blocked", List.of()));
    assertThat(wouldRefuse).isEmpty();
  }

  private List<Reason> outcomes(Requests request, int many) {
    List<Reason> reasons = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      Admission admission = gates.admit(request);
      if (admission instanceof Admission.Admitted admitted) {
        admitted.complete(DONE);
        reasons.add(null);
      } else {
        reasons.add(((Admission.Refused) admission).refusal().reason());
      }
    }
    return reasons;
  }

  private static Requests bad(String address) {
    return Requests.get("/").from(address);
  }

  private static Requests good(String key, String address) {
    return Requests.get("/").from(address).with("X-API-Key", key);
  }

  private static Requests beyond(String key, String address) {
    return Requests.get("/beyond").from(address).with("X-API-Key", key);
  }
}

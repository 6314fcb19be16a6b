package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.Admission;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.memory.MemoryRateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AbnormalUsageGateTest {

  private static final Requests BAD = Requests.get("/bad");
  private static final Requests GOOD = Requests.get("/good");

  private final AtomicLong nanos = new AtomicLong();
  private final AbnormalUsageGate gate =
      new AbnormalUsageGate(new MemoryRateLimiter(1 << 10, nanos::get), 60, 64);
  private Reason reason = Reason.KEY_UNKNOWN;
  private final Gate keys =
      passage -> passage.inbound().target().equals("/bad") ? Optional.of(Refusal.of(reason, "no")) : Optional.empty();
  private final Gates gates = new Gates(List.of(gate, keys), List.of(gate));

  @Test
  void a_client_is_out_after_more_refusals_than_it_may_have_and_told_when_to_come_back() {
    assertThat(outcomes(BAD, 61)).containsOnly(Reason.KEY_UNKNOWN);

    Refusal refusal = ((Admission.Refused) gates.admit(GOOD)).refusal();

    assertThat(refusal.reason()).isEqualTo(Reason.ABNORMAL_USAGE);
    assertThat(refusal.rule()).isEqualTo("refusals-minute");
    assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(6));
    assertThat(gates.admit(GOOD.from("192.0.2.2"))).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void who_goes_on_stays_out_and_who_stops_comes_in_again_after_a_tenth_of_the_minute() {
    outcomes(BAD, 61);
    for (int i = 0; i < 600; i++) {
      nanos.addAndGet(Duration.ofMillis(500).toNanos());
      assertThat(outcomes(GOOD, 1)).containsExactly(Reason.ABNORMAL_USAGE);
    }

    nanos.addAndGet(Duration.ofSeconds(7).toNanos());

    assertThat(gates.admit(GOOD)).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void refusals_at_a_rate_that_is_allowed_never_shut_a_client_out() {
    for (int i = 0; i < 1000; i++) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      assertThat(outcomes(BAD, 1)).containsExactly(Reason.KEY_UNKNOWN);
    }
  }

  @Test
  void requests_that_pass_do_not_count() {
    for (int i = 0; i < 1000; i++) {
      assertThat(gates.admit(GOOD)).isInstanceOf(Admission.Admitted.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void refusals_count_whatever_gate_refused_unless_the_client_is_not_to_blame(Reason each) {
    reason = each;

    outcomes(BAD, 61);

    boolean blameless = each == Reason.STORE_UNAVAILABLE || each == Reason.REDUCED_CAPACITY;
    assertThat(gates.admit(GOOD) instanceof Admission.Admitted).isEqualTo(blameless);
  }

  @Test
  void an_ipv6_network_is_one_client_and_so_is_an_ipv4_client_behind_a_translator() {
    outcomes(BAD.from("2001:db8:0:1::1"), 61);
    assertThat(gates.admit(GOOD.from("2001:db8:0:1:ffff::2"))).isInstanceOf(Admission.Refused.class);
    assertThat(gates.admit(GOOD.from("2001:db8:0:2::1"))).isInstanceOf(Admission.Admitted.class);

    outcomes(BAD.from("64:ff9b::198.51.100.7"), 61);
    assertThat(gates.admit(GOOD.from("198.51.100.7"))).isInstanceOf(Admission.Refused.class);
    assertThat(gates.admit(GOOD.from("64:ff9b::198.51.100.8"))).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void a_preview_says_the_same_and_counts_nothing() {
    outcomes(BAD, 60);
    for (int i = 0; i < 100; i++) {
      assertThat(gates.preview(BAD).steps().get(0).finding()).isInstanceOf(Finding.Passes.class);
    }
    outcomes(BAD, 1);

    assertThat(gates.preview(GOOD).refusal()).map(Refusal::reason).contains(Reason.ABNORMAL_USAGE);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, (1L << 52) + 1})
  void a_bound_is_one_or_more(long perMinute) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AbnormalUsageGate(new MemoryRateLimiter(8, () -> 0), perMinute, 64))
        .withMessage("perMinute: " + perMinute + " (expected: 1 to 2^52)");
  }

  private List<Reason> outcomes(Requests request, int times) {
    return IntStream.range(0, times)
        .mapToObj(i -> gates.admit(request))
        .filter(Admission.Refused.class::isInstance)
        .map(admission -> ((Admission.Refused) admission).refusal().reason())
        .toList();
  }
}

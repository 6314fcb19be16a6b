package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Admission.Admitted;
import io.gatehouse.Admission.Refused;
import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Limits of requests under way: when their permits are taken and when they are free again. */
class HeldLimitsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Limit TWO_AT_ONCE = Limit.of(2, MINUTE, Algorithm.CONCURRENCY);
  private static final Outcome ANSWERED = new Outcome(200, 0, 0, Duration.ofMillis(5), Ending.ANSWERED);
  private static final Gate SHUT = passage -> Optional.of(Refusal.of(Refusal.Reason.QUOTA_EXHAUSTED, "no"));

  private final SettableClock clock = new SettableClock();
  private final RateLimiter limiter = new MemoryRateLimiter(64, clock.nanoTime(), clock);

  @Test
  void a_permit_is_held_until_the_answer_is_complete_and_given_back_once() {
    List<Admission> underWay = new ArrayList<>();
    underWay.add(admit(TWO_AT_ONCE));
    underWay.add(admit(TWO_AT_ONCE));
    clock.advance(Duration.ofDays(1));
    assertThat(admit(TWO_AT_ONCE)).isInstanceOf(Refused.class);

    ((Admitted) underWay.get(0)).complete(ANSWERED);
    ((Admitted) underWay.get(0)).complete(ANSWERED);

    assertThat(admit(TWO_AT_ONCE)).isInstanceOf(Admitted.class);
    assertThat(admit(TWO_AT_ONCE)).isInstanceOf(Refused.class);
  }

  @Test
  void a_later_gate_that_refuses_frees_it_too() {
    for (int i = 0; i < 5; i++) {
      Admission admission = new Gates(List.of(identity(TWO_AT_ONCE), new LimitGate(limiter), SHUT), List.of())
          .admit(Requests.get("/"));
      assertThat(((Refused) admission).refusal().reason()).isEqualTo(Refusal.Reason.QUOTA_EXHAUSTED);
    }

    assertThat(admit(TWO_AT_ONCE)).isInstanceOf(Admitted.class);
  }

  @Test
  void what_was_spent_beside_it_stays_spent_when_the_answer_is_complete() {
    Limit perMinute = Limit.of(3, MINUTE);

    for (int i = 0; i < 3; i++) {
      ((Admitted) admit(perMinute, TWO_AT_ONCE)).complete(ANSWERED);
    }

    assertThat(((Refused) admit(perMinute, TWO_AT_ONCE)).refusal().rule()).isEqualTo("user-minute");
    assertThat(limiter.peek(LimitPlan.charges("user", "user:a", List.of(TWO_AT_ONCE))).remaining()).isEqualTo(1);
  }

  @Test
  void a_refusal_says_that_too_much_is_under_way() {
    admit(TWO_AT_ONCE);
    admit(TWO_AT_ONCE);

    Admission admission = admit(TWO_AT_ONCE);

    Refusal refusal = ((Refused) admission).refusal();
    assertThat(refusal.rule()).isEqualTo("user-concurrency");
    assertThat(refusal.detail()).isEqualTo("The 2 requests at once of the limit user-concurrency are under way.");
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    assertThat(admission.responseHeaders())
        .containsEntry("RateLimit-Policy", "\"user-concurrency\";q=2;qu=\"concurrent-requests\"")
        .containsEntry("RateLimit", "\"user-concurrency\";r=0;t=1");
  }

  @Test
  void of_an_address_it_is_freed_when_a_later_gate_refuses_although_nothing_else_is() {
    Limit perMinute = Limit.of(10, MINUTE);
    Gate gate = new AddressGate(limiter, List.of(perMinute, TWO_AT_ONCE), 64);
    for (int i = 0; i < 5; i++) {
      new Gates(List.of(gate, SHUT), List.of()).admit(Requests.get("/"));
    }
    Gates open = new Gates(List.of(gate), List.of());
    for (int i = 0; i < 5; i++) {
      ((Admitted) open.admit(Requests.get("/"))).complete(ANSWERED);
    }

    assertThat(((Refused) open.admit(Requests.get("/"))).refusal().rule()).isEqualTo("ip-minute");
  }

  @Test
  void in_the_shadow_it_is_freed_as_well() {
    List<String> told = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Admitted admitted = (Admitted) admit(TWO_AT_ONCE.asShadow());
      admitted.shadowRefusals().forEach(refusal -> told.add(refusal.rule()));
      if (i < 2) {
        admitted.complete(ANSWERED);
      }
    }
    assertThat(told).isEmpty();

    Admitted third = (Admitted) admit(TWO_AT_ONCE.asShadow());
    assertThat(third.shadowRefusals()).extracting(Refusal::rule).containsExactly("user-concurrency-shadow");
    third.complete(ANSWERED);
    assertThat(((Admitted) admit(TWO_AT_ONCE.asShadow())).shadowRefusals()).hasSize(1);

    Gate address = new AddressGate(limiter, List.of(TWO_AT_ONCE.asShadow()), 64);
    for (int i = 0; i < 3; i++) {
      Admitted admitted = (Admitted) new Gates(List.of(address), List.of()).admit(Requests.get("/"));
      assertThat(admitted.shadowRefusals()).isEmpty();
      admitted.complete(ANSWERED);
    }
  }

  @Test
  void rules_are_named_by_their_algorithm() {
    List<Limit> limits = new ArrayList<>();
    for (Algorithm algorithm : Algorithm.values()) {
      limits.add(Limit.of(5, MINUTE, algorithm));
    }

    assertThat(LimitPlan.charges("user", "user:a", limits)).extracting(Charge::policy).containsExactly(
        "user-minute", "user-minute-sliding", "user-minute-log", "user-minute-fixed", "user-concurrency");
  }

  @Test
  void a_preview_tells_where_each_algorithm_stands_before_the_request() {
    List<Limit> limits = new ArrayList<>();
    for (Algorithm algorithm : Algorithm.values()) {
      limits.add(Limit.of(5, MINUTE, algorithm));
    }
    List<Charge> charges = LimitPlan.charges("user", "user:a", limits);

    assertThat(LimitPreview.of(limiter, charges).standings()).allSatisfy(standing -> {
      assertThat(standing.remaining()).isEqualTo(5);
      assertThat(standing.resetAfter()).isZero();
    });
    limiter.tryAcquire(charges);
    assertThat(LimitPreview.of(limiter, charges).standings()).allSatisfy(standing -> {
      assertThat(standing.remaining()).isEqualTo(4);
      assertThat(standing.resetAfter()).isPositive();
      assertThat(standing.refuses()).isFalse();
    });
  }

  private Admission admit(Limit... limits) {
    return new Gates(List.of(identity(limits), new LimitGate(limiter)), List.of()).admit(Requests.get("/"));
  }

  private static Gate identity(Limit... limits) {
    List<Charge> charges = LimitPlan.charges("user", "user:a", List.of(limits));
    return passage -> {
      passage.entitle(new Entitlement(new Subject("a", "k"), charges, List.of(), List.of(), Set.of()));
      return Optional.empty();
    };
  }
}

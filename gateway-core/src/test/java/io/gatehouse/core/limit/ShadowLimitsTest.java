package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.gatehouse.Admission;
import io.gatehouse.Enforcement;
import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Observer;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Timelines of limits in the shadow, beside a limiter that enforces the same. */
class ShadowLimitsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Limit ENFORCED = Limit.of(10, MINUTE);
  private static final Limit SHADOW = Limit.of(4, MINUTE).asShadow();

  private final SettableClock clock = new SettableClock();
  private final RateLimiter limiter = new MemoryRateLimiter(64, clock.nanoTime());
  private final List<String> told = new ArrayList<>();
  private final Observer observer = new Observer() {
    @Override
    public void wouldRefuse(Passage passage, Refusal refusal) {
      told.add(refusal.rule());
    }
  };

  @Test
  void a_shadow_refuses_nothing_and_counts_what_an_enforced_limit_would_have_refused() {
    RateLimiter other = new MemoryRateLimiter(64, clock.nanoTime());
    long refusedByTheOther = 0;

    for (int i = 0; i < 300; i++) {
      Charge same = new Charge("user-minute", "user:a", Limit.of(4, MINUTE), 1);
      refusedByTheOther += other.tryAcquire(List.of(same)) instanceof Decision.Denied ? 1 : 0;
      assertThat(admit(gates(identity(SHADOW)))).isInstanceOf(Admission.Admitted.class);
      clock.advance(Duration.ofMillis(i * 137L % 4000));
    }

    assertThat(told).hasSize((int) refusedByTheOther).containsOnly("user-minute-shadow");
    assertThat(refusedByTheOther).isBetween(200L, 290L);
  }

  @Test
  void it_is_in_no_field_of_the_answer_and_the_enforced_limit_counts_as_without_it() {
    List<Admission> admissions = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      admissions.add(admit(gates(identity(ENFORCED, SHADOW))));
    }

    assertThat(admissions.subList(0, 10)).allSatisfy(admission -> {
      assertThat(admission).isInstanceOf(Admission.Admitted.class);
      assertThat(admission.responseHeaders().toString()).contains("\"user-minute\";q=10").doesNotContain("shadow");
    });
    assertThat(admissions.get(9).responseHeaders()).containsEntry("X-RateLimit-Remaining", "0");
    assertThat(admissions.get(10)).isInstanceOf(Admission.Refused.class);
    assertThat(told).as("of the ten that were admitted, four would have been").hasSize(6);
    assertThat(((Admission.Admitted) admissions.get(9)).shadowRefusals()).extracting(Refusal::rule)
        .containsExactly("user-minute-shadow");
    assertThat(admit(gates(identity(SHADOW))).responseHeaders()).isEmpty();
  }

  @Test
  void what_another_gate_refuses_is_not_charged_and_not_told() {
    Gate shut = passage -> Optional.of(Refusal.of(Refusal.Reason.FORBIDDEN, "no"));

    for (int i = 0; i < 9; i++) {
      admit(new Gates(List.of(identity(SHADOW), new LimitGate(limiter), shut), List.of(observer)));
    }
    assertThat(told).isEmpty();
    for (int i = 0; i < 5; i++) {
      admit(gates(identity(SHADOW)));
    }

    assertThat(told).hasSize(1);
  }

  @Test
  void each_shadow_is_decided_by_itself() {
    Limit hour = Limit.of(2, Duration.ofHours(1)).asShadow();

    for (int i = 0; i < 6; i++) {
      admit(gates(identity(SHADOW, hour)));
    }

    assertThat(told).containsExactly(
        "user-hour-shadow", "user-hour-shadow", "user-minute-shadow", "user-hour-shadow", "user-minute-shadow",
        "user-hour-shadow");
  }

  @Test
  void a_count_that_is_away_refuses_nothing_in_the_shadow() {
    RateLimiter away = new RateLimiter() {
      @Override
      public Decision tryAcquire(List<Charge> charges) {
        throw new StoreException("away");
      }

      @Override
      public Decision peek(List<Charge> charges) {
        throw new StoreException("away");
      }

      @Override
      public void giveBack(List<Charge> charges) {
        throw new StoreException("away");
      }

      @Override
      public void debit(List<Charge> charges) {
        throw new StoreException("away");
      }
    };

    Admission admission = admit(new Gates(List.of(identity(SHADOW), new LimitGate(away)), List.of(observer)));

    assertThat(admission).isInstanceOf(Admission.Admitted.class);
    assertThat(told).isEmpty();
  }

  @Test
  void an_address_may_be_limited_in_the_shadow() {
    Gates gates = new Gates(List.of(new AddressGate(limiter, List.of(SHADOW), 64)), List.of(observer));

    for (int i = 0; i < 6; i++) {
      assertThat(admit(gates).responseHeaders()).isEmpty();
    }

    assertThat(told).containsExactly("ip-minute-shadow", "ip-minute-shadow");
  }

  @Test
  void a_preview_shows_where_it_stands_and_takes_nothing() {
    Gates gates = gates(identity(ENFORCED, SHADOW));
    for (int i = 0; i < 4; i++) {
      admit(gates);
    }

    for (int i = 0; i < 1_000; i++) {
      Finding limits = gates.preview(Requests.get("/")).steps().get(1).finding();

      assertThat(limits.detail()).isEqualTo("6 of 10 left");
      assertThat(limits.standings())
          .extracting(Standing::policy, Standing::remaining, Standing::refuses, Standing::enforcement, Standing::resetAfter)
          .containsExactly(
              tuple("user-minute", 6L, false, Enforcement.ENFORCED, Duration.ofSeconds(24)),
              tuple("user-minute-shadow", 0L, true, Enforcement.SHADOW, Duration.ofSeconds(60)));
    }
    assertThat(told).isEmpty();
  }

  private Gates gates(Gate identity) {
    return new Gates(List.of(identity, new LimitGate(limiter)), List.of(observer));
  }

  private static Admission admit(Gates gates) {
    return gates.admit(Requests.get("/"));
  }

  private static Gate identity(Limit... limits) {
    List<Charge> charges = LimitPlan.charges("user", "user:a", List.of(limits));
    Entitlement entitlement = new Entitlement(new Subject("a", "k"), charges, List.of(), List.of(), Set.of());
    return new Gate() {
      @Override
      public Optional<Refusal> check(Passage passage) {
        passage.entitle(entitlement);
        return Optional.empty();
      }

      @Override
      public Finding preview(Passage passage) {
        passage.entitle(entitlement);
        return new Finding.Passes("", "a", List.of());
      }
    };
  }
}

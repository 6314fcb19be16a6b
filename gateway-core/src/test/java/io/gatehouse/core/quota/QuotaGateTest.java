package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuotaGateTest {

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private final SettableClock clock = new SettableClock();
  private final MemoryQuotaStore store = new MemoryQuotaStore(clock);

  @Test
  void requests_and_bytes_are_counted_by_day_and_month_even_without_quotas() {
    complete(admit(List.of()), 200, 10, 90, Ending.ANSWERED);

    assertThat(used(Meter.REQUESTS, Window.DAY)).isEqualTo(1);
    assertThat(used(Meter.REQUESTS, Window.MONTH)).isEqualTo(1);
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(100);
    assertThat(used(Meter.BYTES, Window.MONTH)).isEqualTo(100);
  }

  @Test
  void the_request_beyond_the_quota_is_refused_until_the_tenants_day_ends() {
    Quota two = new Quota(Meter.REQUESTS, Window.DAY, 2);
    admit(List.of(two));
    admit(List.of(two));

    Admission refused = admit(List.of(two));

    Refusal refusal = ((Admission.Refused) refused).refusal();
    assertThat(refused.responseHeaders())
        .containsEntry("RateLimit", "\"requests-day\";r=0;t=79200")
        .containsEntry("X-RateLimit-Limit", "2")
        .containsEntry("X-RateLimit-Reset", "79200");
    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.QUOTA_EXHAUSTED);
    assertThat(refusal.rule()).isEqualTo("requests-day");
    // 2026-06-01T00:00Z is 02:00 in Berlin: 22 hours are left
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofHours(22));
    assertThat(used(Meter.REQUESTS, Window.DAY)).isEqualTo(2);
    assertThat(used(Meter.REQUESTS, Window.MONTH)).as("nothing is taken for a refused request").isEqualTo(2);

    clock.advance(Duration.ofHours(22));
    assertThat(admit(List.of(two))).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void bytes_are_settled_by_what_was_transferred_also_when_it_broke_off() {
    Quota hundred = new Quota(Meter.BYTES, Window.MONTH, 100);

    complete(admit(List.of(hundred)), 200, 0, 60, Ending.ABORTED);
    assertThat(used(Meter.BYTES, Window.MONTH)).isEqualTo(60);
    complete(admit(List.of(hundred)), 200, 0, 60, Ending.ANSWERED);
    assertThat(used(Meter.BYTES, Window.MONTH)).as("overrun by the answer under way").isEqualTo(120);

    assertThat(admit(List.of(hundred))).isInstanceOf(Admission.Refused.class);
  }

  @Test
  void a_declared_body_that_cannot_fit_is_refused_before_it_is_read() {
    Quota hundred = new Quota(Meter.BYTES, Window.DAY, 100);

    Admission admission = admit(List.of(hundred), Requests.get("/").with("Content-Length", "101"));

    assertThat(admission).isInstanceOf(Admission.Refused.class);
    assertThat(used(Meter.BYTES, Window.DAY)).isZero();
  }

  @Test
  void what_no_backend_answered_costs_nothing() {
    complete(admit(List.of()), 502, 0, 180, Ending.UNANSWERED);

    assertThat(used(Meter.REQUESTS, Window.DAY)).isZero();
    assertThat(used(Meter.BYTES, Window.MONTH)).isZero();
  }

  @Test
  void a_later_refusal_gives_everything_back() {
    Gate shut = passage -> Optional.of(Refusal.of(Refusal.Reason.FORBIDDEN, "no"));

    new Gates(List.of(identity(List.of()), gate(), shut), List.of()).admit(Requests.get("/"));

    assertThat(used(Meter.REQUESTS, Window.DAY)).isZero();
    assertThat(used(Meter.BYTES, Window.DAY)).isZero();
  }

  @Test
  void a_shadow_refuses_nothing_counts_by_itself_and_is_settled_like_the_others() {
    Quota two = new Quota(Meter.REQUESTS, Window.DAY, 2).asShadow();
    Quota hundred = new Quota(Meter.BYTES, Window.DAY, 100).asShadow();
    List<List<String>> shadows = new ArrayList<>();

    for (int i = 0; i < 4; i++) {
      Admission.Admitted admitted = (Admission.Admitted) admit(List.of(two, hundred));
      complete(admitted, i == 0 ? 502 : 200, 0, 60, i == 0 ? Ending.UNANSWERED : Ending.ANSWERED);
      shadows.add(admitted.shadowRefusals().stream().map(Refusal::rule).toList());
    }

    assertThat(shadows).containsExactly(
        List.of(), List.of(), List.of(), List.of("requests-day-shadow", "bytes-day-shadow"));
    assertThat(used(Meter.REQUESTS, Window.DAY)).isEqualTo(3);
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(180);
  }

  @Test
  void a_shadow_is_given_back_when_a_later_gate_refuses() {
    Quota one = new Quota(Meter.REQUESTS, Window.DAY, 1).asShadow();
    Gate shut = passage -> Optional.of(Refusal.of(Refusal.Reason.FORBIDDEN, "no"));

    new Gates(List.of(identity(List.of(one)), gate(), shut), List.of()).admit(Requests.get("/"));

    assertThat(((Admission.Admitted) admit(List.of(one))).shadowRefusals()).isEmpty();
    assertThat(((Admission.Admitted) admit(List.of(one))).shadowRefusals()).hasSize(1);
  }

  @Test
  void anonymous_requests_are_nobodys_use() {
    assertThat(new Gates(List.of(gate()), List.of()).admit(Requests.get("/"))).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void users_have_their_own_quotas_or_the_defaults() {
    Quota mine = new Quota(Meter.REQUESTS, Window.DAY, 1);
    Quota common = new Quota(Meter.REQUESTS, Window.DAY, 9);
    QuotaPlan plan =
        new QuotaPlan(
            List.of(common), owner -> owner.equals("own") ? Optional.of(List.of(mine)) : Optional.empty());

    assertThat(plan.quotasOf("own")).containsExactly(mine);
    assertThat(plan.quotasOf("other")).containsExactly(common);
  }

  private QuotaGate gate() {
    return new QuotaGate(store, BERLIN, clock);
  }

  private Admission admit(List<Quota> quotas) {
    return admit(quotas, Requests.get("/"));
  }

  private Admission admit(List<Quota> quotas, Requests request) {
    return new Gates(List.of(identity(quotas), gate()), List.of()).admit(request);
  }

  private static void complete(Admission admission, int status, long in, long out, Ending ending) {
    ((Admission.Admitted) admission).complete(new Outcome(status, in, out, Duration.ofMillis(5), ending));
  }

  private static Gate identity(List<Quota> quotas) {
    return passage -> {
      passage.entitle(new Entitlement(new Subject("alice", "k"), List.of(), quotas, List.of(), Set.of()));
      return Optional.empty();
    };
  }

  private long used(Meter meter, Window window) {
    return store.used(new QuotaKey("alice", meter, window, window.startAt(clock.instant(), BERLIN)));
  }
}

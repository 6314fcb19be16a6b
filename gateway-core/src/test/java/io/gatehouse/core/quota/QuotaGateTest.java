package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.access.AddressRules;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuotaGateTest {

  private static final BillingCalendar BERLIN = new BillingCalendar(ZoneId.of("Europe/Berlin"), 1);

  private final SettableClock clock = new SettableClock();
  private final MemoryQuotaStore store = new MemoryQuotaStore(clock);
  private final List<String> seen = new ArrayList<>();

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
  void each_direction_and_pixels_are_counted_where_a_quota_names_them_and_nowhere_else() {
    Quota up = new Quota(Meter.REQUEST_BYTES, Window.DAY, 1_000);
    Quota down = new Quota(Meter.RESPONSE_BYTES, Window.DAY, 1_000);
    Quota pixels = new Quota(Meter.PIXELS, Window.MONTH, 1_000_000);

    Admission.Admitted admitted =
        (Admission.Admitted) admit(List.of(up, down, pixels), Requests.get("/").with("Content-Length", "20"));
    admitted.complete(new Outcome(200, 10, 90, Duration.ZERO, Ending.ANSWERED, 480_000));
    complete(admit(List.of()), 200, 10, 90, Ending.ANSWERED);

    assertThat(used(Meter.REQUEST_BYTES, Window.DAY)).isEqualTo(10);
    assertThat(used(Meter.RESPONSE_BYTES, Window.DAY)).isEqualTo(90);
    assertThat(used(Meter.PIXELS, Window.MONTH)).isEqualTo(480_000);
    assertThat(used(Meter.PIXELS, Window.DAY)).isZero();
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(200);
  }

  @Test
  void pixels_of_an_image_are_charged_when_it_is_made_and_a_full_quota_refuses() {
    Quota half = new Quota(Meter.PIXELS, Window.DAY, 500_000);

    ((Admission.Admitted) admit(List.of(half))).complete(
        new Outcome(200, 0, 9, Duration.ZERO, Ending.ANSWERED, 700_000));
    Admission refused = admit(List.of(half));

    assertThat(((Admission.Refused) refused).refusal().detail())
        .isEqualTo("The quota pixels-day of 0.5 megapixels is used up until its period ends.");
    assertThat(used(Meter.PIXELS, Window.DAY)).isEqualTo(700_000);
  }

  @Test
  void whoever_has_used_up_what_they_may_send_may_still_fetch() {
    Quota ten = new Quota(Meter.REQUEST_BYTES, Window.DAY, 10);
    complete(admit(List.of(ten), Requests.get("/").with("Content-Length", "10")), 200, 10, 5, Ending.ANSWERED);

    assertThat(admit(List.of(ten), Requests.get("/").with("Content-Length", "1")))
        .isInstanceOf(Admission.Refused.class);
    assertThat(admit(List.of(ten), Requests.get("/"))).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void a_soft_quota_lets_pass_and_is_told_of_and_overage_ends_at_its_cap() {
    Quota soft = new Quota(Meter.REQUESTS, Window.DAY, 2, Beyond.SOFT);
    Quota capped = new Quota(Meter.REQUESTS, Window.MONTH, 1).withOverage(3);
    for (int i = 0; i < 3; i++) {
      complete(admit(List.of(soft, capped)), 200, 0, 0, Ending.ANSWERED);
    }

    Admission.Refused refused = (Admission.Refused) admit(List.of(soft, capped));

    assertThat(refused.refusal().rule()).isEqualTo("requests-month");
    assertThat(refused.responseHeaders()).containsEntry("X-RateLimit-Limit", "3");
    assertThat(seen).containsExactly(
        "requests-day 1", "requests-month 1", "requests-day 2", "requests-month 2", "requests-day 3",
        "requests-month 3");
  }

  @Test
  void what_is_transferred_is_seen_by_others_while_it_is_under_way_and_settled_once() {
    Quota thousand = new Quota(Meter.BYTES, Window.DAY, 1_000);
    Admission.Admitted first = (Admission.Admitted) admit(List.of(thousand));

    assertThat(first.transferred(0, 400)).isTrue();
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(400);
    assertThat(first.transferred(0, 300)).as("told late").isTrue();
    assertThat(first.transferred(100, 900)).as("beyond it, and finished all the same").isTrue();
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(1_000);
    assertThat(admit(List.of(thousand))).isInstanceOf(Admission.Refused.class);

    complete(first, 200, 100, 950, Ending.ABORTED);
    complete(first, 200, 100, 950, Ending.ABORTED);
    assertThat(first.transferred(100, 5_000)).isTrue();
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(1_050);
    assertThat(used(Meter.BYTES, Window.MONTH)).isEqualTo(1_050);
  }

  @Test
  void what_was_told_and_not_sent_is_given_back_and_what_nobody_answered_costs_nothing() {
    Admission.Admitted aborted = (Admission.Admitted) admit(List.of());
    aborted.transferred(0, 600);
    complete(aborted, 200, 0, 500, Ending.ABORTED);
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(500);

    Admission.Admitted unanswered = (Admission.Admitted) admit(List.of());
    unanswered.transferred(700, 0);
    complete(unanswered, 502, 700, 100, Ending.UNANSWERED);
    assertThat(used(Meter.BYTES, Window.DAY)).isEqualTo(500);
    assertThat(used(Meter.REQUESTS, Window.DAY)).isEqualTo(1);
  }

  @Test
  void answers_are_cut_when_the_quota_is_passed_and_never_for_one_that_lets_pass() {
    Quota thousand = new Quota(Meter.RESPONSE_BYTES, Window.DAY, 1_000);
    Quota soft = new Quota(Meter.BYTES, Window.DAY, 10, Beyond.SOFT);
    Quota shadow = new Quota(Meter.BYTES, Window.DAY, 10).asShadow();
    Gates cutting = new Gates(
        List.of(identity(List.of(thousand, soft, shadow)), gate(WhenExhausted.CUT)), List.of());
    Admission.Admitted one = (Admission.Admitted) cutting.admit(Requests.get("/"));
    Admission.Admitted other = (Admission.Admitted) cutting.admit(Requests.get("/"));

    assertThat(one.transferred(0, 600)).isTrue();
    assertThat(other.transferred(0, 399)).isTrue();
    assertThat(other.transferred(0, 400)).as("the quota and no more").isTrue();
    assertThat(one.transferred(0, 601)).isFalse();
  }

  @Test
  void everybody_has_a_calendar_of_their_own() {
    Quota one = new Quota(Meter.REQUESTS, Window.MONTH, 1);
    QuotaPeriods periods = new QuotaPeriods(new BillingCalendar(ZoneId.of("America/New_York"), 31));
    Gate identity = passage -> {
      passage.entitle(new Entitlement(
          new Subject("bob", "k"), List.of(), List.of(one), Optional.of(periods), AddressRules.NONE, Set.of(),
          Map.of(), List.of(), Optional.empty()));
      return Optional.empty();
    };
    Gates gates = new Gates(List.of(identity, gate()), List.of());

    assertThat(gates.admit(Requests.get("/"))).isInstanceOf(Admission.Admitted.class);
    // 2026-06-01T00:00Z is the evening of 31 May in New York: the month lasts until 30 June there.
    Admission.Refused refused = (Admission.Refused) gates.admit(Requests.get("/"));
    assertThat(refused.refusal().retryAfter()).isEqualTo(Duration.ofDays(29).plusHours(4));
    assertThat(store.used(new QuotaKey("bob", Meter.REQUESTS, Window.MONTH, LocalDate.of(2026, 5, 31)))).isEqualTo(1);

    clock.advance(Duration.ofDays(29).plusHours(4));
    assertThat(gates.admit(Requests.get("/"))).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void stored_bytes_are_no_matter_of_requests() {
    Quota nothing = new Quota(Meter.STORED_BYTES, Window.LIFETIME, 0);

    assertThat(admit(List.of(nothing))).isInstanceOf(Admission.Admitted.class);
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
            List.of(common),
            BERLIN,
            owner -> owner.equals("own") ? Optional.of(List.of(mine)) : Optional.empty());

    assertThat(plan.quotasOf("own")).containsExactly(mine);
    assertThat(plan.quotasOf("other")).containsExactly(common);
  }

  private QuotaGate gate() {
    return gate(WhenExhausted.FINISH);
  }

  private QuotaGate gate(WhenExhausted whenExhausted) {
    return new QuotaGate(
        store, BERLIN, whenExhausted, (key, quota, used) -> seen.add(quota.policy() + " " + used), clock);
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

package io.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.Outcome.Ending;
import io.gatehouse.access.Cidr;
import io.gatehouse.event.Change;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.KeyQuotas;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.Window;
import java.net.InetAddress;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ValuesTest {

  private static final Subject ADA = new Subject("u1", "k1");

  @Test
  void an_outcome_has_a_status_that_exists_and_no_negative_bytes() {
    assertThat(new Outcome(0, 0, 0, Duration.ZERO, Ending.ABORTED).status()).isZero();
    assertThat(new Outcome(599, 1, 2, Duration.ZERO, Ending.ANSWERED).responseBytes()).isEqualTo(2);
    for (int status : new int[] {-1, 1, 99, 600}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Outcome(status, 0, 0, Duration.ZERO, Ending.ANSWERED))
          .withMessage("status: " + status + " (expected: 0, or 100 to 599)");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Outcome(200, -1, 0, Duration.ZERO, Ending.ANSWERED))
        .withMessage("requestBytes, responseBytes: -1, 0 (expected: 0 or more)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Outcome(200, 0, -1, Duration.ZERO, Ending.ANSWERED))
        .withMessage("requestBytes, responseBytes: 0, -1 (expected: 0 or more)");
  }

  @Test
  void a_dispatch_sends_fields_that_are_some() {
    Dispatch plain = new Dispatch("/a", "t", 0, Optional.empty());
    assertThat(plain.fields()).isEmpty();
    assertThat(new Dispatch("/a", "t", 0, Optional.empty(), Map.of("DPR", "2", "Accept", "")).fields()).hasSize(2);
    for (Map<String, String> bad : List.of(Map.of("", "x"), Map.of("A b", "x"), Map.of("A", "x\r\nB: y"), Map.of("A", "\u00e9"))) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Dispatch("/a", "t", 0, Optional.empty(), bad))
          .withMessageStartingWith("fields: ").withMessageEndingWith("(expected: names of fields, and values of visible ASCII)");
    }
  }

  @Test
  void the_owner_of_a_count_is_told_from_its_text() {
    QuotaOwner key = QuotaOwner.ofKey("u:1", "k1");
    assertThat(key.text()).isEqualTo("key:k1:u:1");
    for (QuotaOwner owner : List.of(key, QuotaOwner.ofKey("key:a:b", "k"), QuotaOwner.ofUser("u:1"),
        QuotaOwner.ofUser("key:of-nobody"), QuotaOwner.ofUser(""), QuotaOwner.ofKey("u", "address:192.0.2.1"),
        QuotaOwner.ofKey("u", "%3A:%"), QuotaOwner.ofKey("", ""))) {
      assertThat(QuotaOwner.of(owner.text())).isEqualTo(owner);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyQuotas(QuotaOwner.ofUser("u"),
        List.of(new Quota(Meter.REQUESTS, Window.DAY, 1)), new QuotaPeriods(BillingCalendar.UTC)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyQuotas(key, List.of(), new QuotaPeriods(BillingCalendar.UTC)));
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyQuotas(
        key, List.of(new Quota(Meter.STORED_BYTES, Window.LIFETIME, 1)), new QuotaPeriods(BillingCalendar.UTC)));
  }

  @Test
  void a_refusal_does_not_ask_to_come_back_in_the_past() {
    Refusal refusal = Refusal.of(Refusal.Reason.KEY_MISSING, "no key");

    assertThat(refusal.retryAfter()).isZero();
    assertThat(refusal.rule()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Refusal(Refusal.Reason.RATE_LIMITED, "slow down", Duration.ofNanos(-1), "user-minute"))
        .withMessage("retryAfter: PT-0.000000001S (expected: zero or more)");
  }

  @Test
  void a_refused_admission_keeps_its_own_headers() {
    Map<String, String> headers = new HashMap<>(Map.of("Retry-After", "1"));
    Admission refused = new Admission.Refused(Refusal.of(Refusal.Reason.FORBIDDEN, "no"), headers);

    headers.put("X", "y");

    assertThat(refused.responseHeaders()).containsOnly(Map.entry("Retry-After", "1"));
  }

  @Test
  void an_entitlement_keeps_its_own_lists() {
    Charge charge = new Charge("p", "b", Limit.of(1, Duration.ofSeconds(1)), 1);
    List<Charge> charges = new ArrayList<>(List.of(charge));
    Entitlement entitlement = new Entitlement(ADA, charges, List.of(new Quota(Meter.BYTES, Window.DAY, 1)),
        List.of(Cidr.parse("10.0.0.0/8")), Set.of("GET"));

    charges.clear();

    assertThat(entitlement.charges()).containsExactly(charge);
    assertThat(entitlement.subject()).isEqualTo(ADA);
  }

  @Test
  void a_path_ends_at_the_first_question_mark() {
    assertThat(inbound("/a%2Fb//c?x=1?y").path()).isEqualTo("/a%2Fb//c");
    assertThat(inbound("/plain").path()).isEqualTo("/plain");
    assertThat(inbound("?").path()).isEmpty();
  }

  @Test
  void a_passage_tells_the_subject_of_its_entitlement() {
    Entitlement entitlement = new Entitlement(ADA, List.of(), List.of(), List.of(), Set.of());

    assertThat(passage(Optional.empty()).subject()).isEmpty();
    assertThat(passage(Optional.of(entitlement)).subject()).contains(ADA);
  }

  @Test
  void usage_only_grows() {
    QuotaKey key = new QuotaKey("u1", Meter.BYTES, Window.DAY, LocalDate.of(2026, 6, 1));

    assertThat(new UsageRecord("s", key, 0, 0).added()).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> new UsageRecord("s", key, -1, 0))
        .withMessage("added, returned: -1, 0 (expected: 0 or more)");
    assertThat(new Change(Change.Topic.BACKENDS, "").reference()).isEmpty();
  }

  @Test
  void a_store_exception_keeps_its_cause_and_an_observer_needs_no_methods() {
    Exception cause = new IllegalStateException("gone");
    Observer silent = new Observer() {};

    silent.refused(passage(Optional.empty()), Refusal.of(Refusal.Reason.FORBIDDEN, "no"));
    silent.completed(passage(Optional.empty()), new Outcome(200, 0, 0, Duration.ZERO, Ending.ANSWERED));

    assertThat(new StoreException("the store is away", cause)).hasCause(cause).hasMessage("the store is away");
  }

  private static Inbound inbound(String target) {
    return new Inbound() {
      @Override
      public String method() {
        return "GET";
      }

      @Override
      public String target() {
        return target;
      }

      @Override
      public Optional<String> header(String name) {
        return Optional.empty();
      }

      @Override
      public List<String> headers(String name) {
        return List.of();
      }

      @Override
      public InetAddress clientAddress() {
        return InetAddress.getLoopbackAddress();
      }

      @Override
      public long contentLength() {
        return 0;
      }
    };
  }

  private static Passage passage(Optional<Entitlement> entitlement) {
    return new Passage() {
      @Override
      public Inbound inbound() {
        return ValuesTest.inbound("/");
      }

      @Override
      public Optional<Entitlement> entitlement() {
        return entitlement;
      }

      @Override
      public void entitle(Entitlement stated) {
        throw new IllegalStateException("entitlement: stated (expected: once)");
      }

      @Override
      public void tell(Fields fields) {}

      @Override
      public void wouldRefuse(Refusal refusal) {}

      @Override
      public void leave(Duty duty) {}
    };
  }
}

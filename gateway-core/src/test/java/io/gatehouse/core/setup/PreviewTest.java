package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.gatehouse.Admission;
import io.gatehouse.Finding;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
import io.gatehouse.Subject;
import io.gatehouse.access.Cidr;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.key.User;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the gateway would say, beside what it then says. */
class PreviewTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final SettableClock clock = new SettableClock();
  private final Pepper pepper = new Pepper(1, new byte[32]);
  private final MemoryDirectory directory = new MemoryDirectory(change -> {});
  private final KeyIssuer issuer = new KeyIssuer(directory, new KeyFormat("gk", "live"), pepper, clock);
  private final MemoryQuotaStore counts = new MemoryQuotaStore(clock);
  private final KeyedGateway gateway =
      KeyedGateway.builder(directory, pepper)
          .networks(directory)
          .addressLimits(List.of(Limit.of(2000, HOUR)), 64)
          .userLimits(List.of(Limit.of(3, HOUR)))
          .apiLimits(List.of(Limit.of(100, HOUR)))
          .userQuotas(List.of(new Quota(Meter.REQUESTS, Window.DAY, 2), new Quota(Meter.BYTES, Window.MONTH, 50)))
          .quotaStore(counts)
          .clock(clock)
          .gate(passage -> Optional.empty())
          .build();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void looking_a_thousand_times_spends_nothing() {
    Requests alice = request(key("alice"));

    for (int i = 0; i < 1_000; i++) {
      assertThat(gateway.preview(alice).refusal()).isEmpty();
    }

    for (Window window : Window.values()) {
      for (Meter meter : Meter.values()) {
        assertThat(counts.used(new QuotaKey("alice", meter, window, window.startAt(clock.instant(), BillingCalendar.UTC))))
            .isZero();
      }
    }
    Preview preview = gateway.preview(alice);
    assertThat(standings(preview, "address-limit")).extracting(Standing::remaining).containsExactly(2000L);
    assertThat(standings(preview, "limits")).extracting(Standing::remaining).containsExactly(3L, 100L);
    assertThat(gateway.admit(alice)).isInstanceOf(Admission.Admitted.class);
    assertThat(gateway.admit(alice)).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void every_gate_is_named_in_order_and_says_what_it_saw() {
    IssuedKey key = key("alice", "GET /img");
    directory.replaceNetworks("alice", List.of(Cidr.parse("192.0.2.0/24")));
    gateway.admit(new Requests("GET", "/img/a", request(key).fields(), Cidr.address("192.0.2.1")));

    Preview preview = gateway.preview(new Requests("GET", "/img/a", request(key).fields(), Cidr.address("192.0.2.1")));

    assertThat(preview.subject()).contains(new Subject("alice", key.key().id()));
    assertThat(preview.steps()).extracting(Preview.Step::gate)
        .containsExactly("address-limit", "identity", "whitelist", "scope", "limits", "quota", "gate");
    assertThat(preview.steps()).extracting(step -> step.finding().detail()).containsExactly(
        "1999 of 2000 left",
        "user alice, key " + key.key().id(),
        "from 192.0.2.0/24",
        "covered by GET /img",
        "2 of 3 left",
        "1 of 2 left",
        "This gate cannot say without deciding.");
    assertThat(((Finding.Passes) finding(preview, "limits")).rule()).isEqualTo("user-hour");
  }

  @Test
  void the_first_refusal_is_what_the_real_request_then_gets_and_all_others_are_seen_as_well() {
    IssuedKey key = key("alice", "POST");
    directory.replaceNetworks("alice", List.of(Cidr.parse("10.0.0.0/8")));
    counts.add(new QuotaKey("alice", Meter.REQUESTS, Window.DAY,
        Window.DAY.startAt(clock.instant(), BillingCalendar.UTC)), 2);

    Preview preview = gateway.preview(request(key));

    assertThat(preview.steps().stream().filter(step -> step.finding() instanceof Finding.Refuses))
        .extracting(Preview.Step::gate).containsExactly("whitelist", "scope", "quota");
    assertThat(standings(preview, "quota")).extracting(Standing::policy, Standing::refuses)
        .containsExactly(
            tuple("requests-day", true),
            tuple("bytes-month", false));
    assertThat(preview.refusal()).contains(((Admission.Refused) gateway.admit(request(key))).refusal());
  }

  @Test
  void a_used_up_limit_refuses_in_the_preview_as_in_the_request() {
    IssuedKey key = key("bob");
    for (int i = 0; i < 3; i++) {
      counts.add(new QuotaKey("bob", Meter.REQUESTS, Window.DAY, Window.DAY.startAt(clock.instant(), BillingCalendar.UTC)), -9);
      gateway.admit(request(key));
    }

    Refusal seen = gateway.preview(request(key)).refusal().orElseThrow();
    Refusal told = ((Admission.Refused) gateway.admit(request(key))).refusal();

    assertThat(seen.reason()).isEqualTo(told.reason()).isEqualTo(Refusal.Reason.RATE_LIMITED);
    assertThat(seen.rule()).isEqualTo(told.rule()).isEqualTo("user-hour");
    assertThat(seen.retryAfter()).isBetween(Duration.ofSeconds(1100), Duration.ofSeconds(1200));
  }

  @Test
  void who_is_not_recognised_is_asked_nothing_more() {
    Preview preview = gateway.preview(Requests.get("/"));

    assertThat(preview.refusal().orElseThrow().reason()).isEqualTo(Refusal.Reason.KEY_MISSING);
    for (String gate : List.of("whitelist", "scope", "limits", "quota")) {
      assertThat(finding(preview, gate)).isEqualTo(new Finding.NotAsked("Nobody is known."));
    }
  }

  @Test
  void a_key_may_be_known_by_its_id_alone() {
    IssuedKey key = key("alice");
    Requests bare = Requests.get("/");

    assertThat(gateway.preview(bare, key.key())).isEqualTo(gateway.preview(request(key)));
    assertThat(gateway.preview(bare, key.key().withEnabled(false)).refusal().orElseThrow().reason())
        .isEqualTo(Refusal.Reason.KEY_DISABLED);
    clock.advance(Duration.ofDays(10));
    assertThat(gateway.preview(bare, key.key().withExpiresAt(Optional.of(clock.instant()))).refusal().orElseThrow()
        .reason()).isEqualTo(Refusal.Reason.KEY_EXPIRED);
  }

  private IssuedKey key(String user, String... scopes) {
    if (directory.user(user).isEmpty()) {
      directory.addUser(new User(user, user, true, clock.instant()));
    }
    return issuer.issue(user, "", Set.of(scopes), Optional.empty());
  }

  private static Requests request(IssuedKey key) {
    return Requests.get("/").with("X-API-Key", key.secret());
  }

  private static Finding finding(Preview preview, String gate) {
    return preview.steps().stream().filter(step -> step.gate().equals(gate)).findFirst().orElseThrow().finding();
  }

  private static List<Standing> standings(Preview preview, String gate) {
    return finding(preview, gate).standings();
  }
}

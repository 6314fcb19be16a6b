package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Admission;
import io.gatehouse.Enforcement;
import io.gatehouse.Entitlement;
import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.Subject;
import io.gatehouse.access.Authenticator;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Cidr;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.WithoutPackages;
import io.gatehouse.core.abuse.Blocklist;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.KeyTerms;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.key.Peppers;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.event.Change;
import io.gatehouse.event.Crossing;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyedGatewayTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final SettableClock clock = new SettableClock();
  private final Pepper pepper = new Pepper(1, new byte[32]);
  private final KeyFormat format = new KeyFormat("gk", "live");
  private final List<KeyedGateway> opened = new ArrayList<>();
  private final MemoryDirectory directory =
      new MemoryDirectory(change -> opened.forEach(gateway -> gateway.changed(change)));
  private final KeyIssuer issuer = new KeyIssuer(directory, format, pepper, clock);

  @AfterEach
  void close() {
    opened.forEach(KeyedGateway::close);
  }

  @Test
  void with_nothing_but_keys_it_asks_for_a_key_and_limits_nothing() {
    Requests withKey = requestOf("alice");
    KeyedGateway gateway = open(builder());

    assertThat(refusal(gateway, Requests.get("/"))).isEqualTo(Reason.KEY_MISSING);
    assertThat(refusal(gateway, Requests.get("/").with("X-API-Key", "gk_live_x"))).isEqualTo(Reason.KEY_MALFORMED);
    for (int i = 0; i < 2000; i++) {
      assertThat(admitted(gateway, withKey).subject()).hasValueSatisfying(
          subject -> assertThat(subject.user()).isEqualTo("alice"));
    }
    assertThat(gateway.admit(Requests.get("/?key=" + key(withKey)))).isInstanceOf(Admission.Refused.class);
  }

  @Test
  void it_tells_which_requests_may_wait_for_a_store() {
    Requests alice = requestOf("alice");
    KeyedGateway gateway = open(builder().quotas(directory).clock(clock));

    assertThat(gateway.mayWait(Requests.get("/"))).isFalse();
    assertThat(gateway.mayWait(Requests.get("/").with("X-API-Key", "gk_live_x"))).isFalse();
    assertThat(gateway.mayWait(alice)).as("a key that is not remembered").isTrue();
    admitted(gateway, alice);
    assertThat(gateway.mayWait(alice)).isFalse();

    gateway.changed(new Change(Change.Topic.USER, "alice"));
    assertThat(gateway.mayWait(alice)).as("a key of which something has changed").isTrue();
    admitted(gateway, alice);
    assertThat(gateway.mayWait(alice)).isFalse();

    clock.advance(Duration.ofDays(1));
    assertThat(gateway.mayWait(alice)).as("a day that was not counted in").isTrue();
    admitted(gateway, alice);
    assertThat(gateway.mayWait(alice)).isFalse();
  }

  @Test
  void whoever_brings_what_is_not_known_here_may_wait_with_every_request() {
    Requests alice = requestOf("alice");
    KeyedGateway ofOthers = open(builder().limiter(new MemoryRateLimiter(1024, System::nanoTime)));
    KeyedGateway saidToBeHere =
        open(builder().limiter(new MemoryRateLimiter(1024, System::nanoTime)).countsInMemory(true));
    KeyedGateway withGate = open(builder().gate(passage -> Optional.empty()));

    for (KeyedGateway each : List.of(ofOthers, saidToBeHere, withGate)) {
      admitted(each, alice);
    }

    assertThat(ofOthers.mayWait(alice)).isTrue();
    assertThat(withGate.mayWait(alice)).isTrue();
    assertThat(saidToBeHere.mayWait(alice)).isFalse();
  }

  @Test
  void the_address_is_limited_before_it_is_asked_who_calls() {
    KeyedGateway gateway = open(builder().addressLimits(List.of(Limit.of(1, HOUR)), 64));

    assertThat(refusal(gateway, Requests.get("/"))).isEqualTo(Reason.KEY_MISSING);
    assertThat(refusal(gateway, requestOf("alice"))).isEqualTo(Reason.RATE_LIMITED);
    assertThat(gateway.admit(requestOf("bob").from("192.0.2.2"))).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void a_client_that_is_refused_too_often_is_refused_at_once_whatever_it_shows() {
    Requests alice = requestOf("alice");
    KeyedGateway gateway = open(builder().refusalsPerMinute(10).addressLimits(List.of(Limit.of(1000, HOUR)), 64));

    for (int i = 0; i < 11; i++) {
      assertThat(refusal(gateway, Requests.get("/"))).isEqualTo(Reason.KEY_MISSING);
    }

    assertThat(refusal(gateway, alice)).isEqualTo(Reason.ABNORMAL_USAGE);
    assertThat(gateway.preview(alice).refusal()).map(Refusal::reason).contains(Reason.ABNORMAL_USAGE);
    admitted(gateway, alice.from("192.0.2.2"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder().refusalsPerMinute(-1))
        .withMessage("refusalsPerMinute: -1 (expected: 0 to 2^52)");
  }

  @Test
  void who_is_blocked_is_kept_out_before_all_else_or_as_soon_as_it_is_known_who_calls() {
    Requests alice = requestOf("alice");
    Requests bob = requestOf("bob");
    Blocklist blocks = new Blocklist(clock);
    blocks.put(block("1", Kind.NETWORK, "198.51.100.0/24"));
    blocks.put(block("2", Kind.COUNTRY, "DE"));
    blocks.put(block("3", Kind.USER, "bob"));
    KeyedGateway gateway = open(
        builder()
            .blocks(blocks, address -> Optional.of("2001:db8:0:0:0:0:0:1".equals(address.getHostAddress()) ? "DE" : "FR"))
            .addressLimits(List.of(Limit.of(4, HOUR)), 64));

    for (int i = 0; i < 5; i++) {
      assertThat(refusal(gateway, alice.from("198.51.100.1"))).isEqualTo(Reason.BLOCKED);
    }
    assertThat(refusal(gateway, Requests.get("/").from("2001:db8::1"))).isEqualTo(Reason.BLOCKED);
    assertThat(refused(gateway, bob).reason()).isEqualTo(Reason.KEY_DISABLED);
    assertThat(refused(gateway, bob).rule()).isEqualTo("block-user");
    assertThat(gateway.selfService().admit(bob)).isInstanceOf(Admission.Refused.class);
    admitted(gateway, alice);
    blocks.remove("1");
    admitted(gateway, alice.from("198.51.100.1"));
  }

  private static Block block(String id, Kind kind, String value) {
    return new Block(
        id, kind, value, "", Enforcement.ENFORCED, Block.Source.ADMINISTRATOR, SettableClock.START, Optional.empty(), 0);
  }

  @Test
  void a_user_has_limits_of_their_own_or_those_of_all_and_shares_those_of_the_api() {
    Requests alice = requestOf("alice");
    Requests bob = requestOf("bob");
    directory.replaceLimits(Level.USER, "alice", Optional.of(List.of(Limit.of(2, HOUR))));
    KeyedGateway gateway =
        open(builder().limits(directory).userLimits(List.of(Limit.of(1, HOUR))).apiLimits(List.of(Limit.of(4, HOUR))));

    admitted(gateway, alice);
    admitted(gateway, alice);
    assertThat(refused(gateway, alice).rule()).isEqualTo("user-hour");
    admitted(gateway, bob);
    assertThat(refused(gateway, bob).rule()).isEqualTo("user-hour");
    admitted(gateway, requestOf("carol"));
    assertThat(refused(gateway, requestOf("dave")).rule()).isEqualTo("api-hour");
  }

  @Test
  void an_answer_lists_all_rules_of_the_caller_but_shadows_and_where_the_tightest_stands() {
    Requests alice = requestOf("alice");
    KeyedGateway gateway =
        open(
            builder()
                .addressLimits(List.of(Limit.of(50, HOUR)), 64)
                .userLimits(List.of(Limit.of(9, Duration.ofMinutes(1)), Limit.of(20, HOUR), Limit.of(1, HOUR).asShadow()))
                .apiLimits(List.of(Limit.of(90, HOUR)))
                .userQuotas(List.of(
                    new Quota(Meter.REQUESTS, Window.DAY, 70),
                    new Quota(Meter.REQUESTS, Window.MONTH, 5).asShadow(),
                    new Quota(Meter.BYTES, Window.MONTH, 80))));

    Admission first = admitted(gateway, alice);
    Admission second = admitted(gateway, alice);

    assertThat(first.responseHeaders())
        .containsEntry(
            "RateLimit-Policy",
            "\"ip-hour\";q=50;w=3600,\"user-minute\";q=9;w=60,\"user-hour\";q=20;w=3600,\"api-hour\";q=90;w=3600,"
                + "\"requests-day\";q=70;w=86400,\"bytes-month\";q=80;qu=\"content-bytes\"")
        .containsEntry("RateLimit", "\"user-minute\";r=8;t=7")
        .containsEntry("X-RateLimit-Limit", "9")
        .containsEntry("X-RateLimit-Remaining", "8")
        .containsEntry("X-RateLimit-Reset", "7");
    assertThat(second.responseHeaders().get("RateLimit-Policy"))
        .as("written once per caller").isSameAs(first.responseHeaders().get("RateLimit-Policy"));
  }

  @Test
  void a_change_that_is_told_holds_from_the_next_request_on() {
    Requests alice = requestOf("alice");
    KeyedGateway gateway = open(builder().networks(directory));
    admitted(gateway, alice);

    directory.replaceNetworks("alice", List.of(Cidr.parse("10.0.0.0/8")));
    assertThat(refusal(gateway, alice)).isEqualTo(Reason.ADDRESS_FORBIDDEN);
    admitted(gateway, alice.from("10.1.2.3"));

    directory.updateUser(new User("alice", "alice", false, clock.instant()));
    assertThat(refusal(gateway, alice.from("10.1.2.3"))).isEqualTo(Reason.KEY_DISABLED);
  }

  @Test
  void user_and_key_have_to_allow_the_address_and_what_is_denied_is_denied() {
    addUser("alice");
    KeyTerms terms = new KeyTerms("", Set.of(), List.of(Cidr.parse("192.0.2.0/25")), Optional.empty());
    Requests alice = Requests.get("/").with("X-API-Key", issuer.issue("alice", terms).secret());
    KeyedGateway gateway = open(builder().networks(directory));

    admitted(gateway, alice.from("192.0.2.9"));
    assertThat(refused(gateway, alice.from("192.0.2.200")).rule()).isEqualTo("key-networks");

    directory.replaceDenied("alice", List.of(Cidr.parse("192.0.2.9")));
    assertThat(refused(gateway, alice.from("192.0.2.9")).rule()).isEqualTo("ip-denylist");
    admitted(gateway, alice.from("192.0.2.8"));
  }

  @Test
  void who_uses_a_key_that_was_rotated_is_told_when_it_ends_and_the_user_of_the_new_one_is_not() {
    addUser("alice");
    IssuedKey old = issuer.issue("alice", "", Set.of(), Optional.of(clock.instant().plus(Duration.ofDays(400))));
    Requests request = Requests.get("/").with("X-API-Key", old.secret());
    KeyedGateway gateway = open(builder().clock(clock).userLimits(List.of(Limit.of(2, HOUR))));
    assertThat(admitted(gateway, request).responseHeaders()).doesNotContainKey("Sunset").containsKey("RateLimit");

    IssuedKey fresh = issuer.rotate(old.key().id(), Duration.ofDays(8)).orElseThrow();

    assertThat(admitted(gateway, request).responseHeaders())
        .containsEntry("Sunset", "Tue, 09 Jun 2026 00:00:00 GMT")
        .containsKey("RateLimit");
    assertThat(((Admission.Refused) gateway.admit(request)).responseHeaders())
        .as("also when a limit refuses").containsKey("Sunset");
    Requests withFresh = Requests.get("/").with("X-API-Key", fresh.secret());
    assertThat(gateway.admit(withFresh).responseHeaders()).doesNotContainKey("Sunset");

    directory.updateKey(directory.key(old.key().id()).orElseThrow().withExpiresAt(Optional.empty()));
    assertThat(gateway.admit(request).responseHeaders()).as("it does not end").doesNotContainKey("Sunset");
  }

  @Test
  void keys_of_an_older_pepper_go_on_and_are_moved() {
    Requests alice = requestOf("alice");
    Pepper next = new Pepper(2, "n".repeat(32).getBytes(StandardCharsets.US_ASCII));
    KeyedGateway gateway =
        open(KeyedGateway.builder(directory, new Peppers(next, List.of(pepper))).upgrades(directory));

    admitted(gateway, alice);

    assertThat(directory.find(next.digest(key(alice)))).isPresent();
    assertThat(directory.keysByVersion()).isEqualTo(Map.of(2, 1L));
  }

  @Test
  void a_store_that_cannot_be_changed_keeps_its_digests_and_its_keys_stay_known() {
    Requests alice = requestOf("alice");
    Pepper next = new Pepper(2, "n".repeat(32).getBytes(StandardCharsets.US_ASCII));
    KeyedGateway gateway = open(
        KeyedGateway.builder(directory, new Peppers(next, List.of(pepper)))
            .remember(new EntitlementCache.Bounds(10, Duration.ofNanos(1), HOUR, HOUR)));

    for (int i = 0; i < 20; i++) {
      admitted(gateway, alice);
    }

    assertThat(directory.keysByVersion()).isEqualTo(Map.of(1, 1L));
  }

  @Test
  void imported_keys_may_come_beside_our_own_when_their_form_is_allowed() throws Exception {
    Requests own = requestOf("alice");
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest("legacy-0123456789".getBytes(StandardCharsets.UTF_8));
    directory.importKeys(List.of(issuer.imported("alice", "legacy",
        new KeyTerms("", Set.of(), Optional.empty()), KeyDigest.of(KeyDigest.UNPEPPERED, sha256))));
    Requests imported = Requests.get("/").with("X-API-Key", "legacy-0123456789");
    KeyedGateway strict = open(builder().upgrades(directory));
    KeyedGateway gateway = open(builder().upgrades(directory).importedForm(text -> text.startsWith("legacy-")));

    assertThat(refusal(strict, imported)).isEqualTo(Reason.KEY_MALFORMED);
    admitted(gateway, imported);
    admitted(gateway, own);
    assertThat(refusal(gateway, Requests.get("/").with("X-API-Key", "legacy-x"))).isEqualTo(Reason.KEY_UNKNOWN);
    assertThat(directory.keysByVersion()).isEqualTo(Map.of(1, 2L));
  }

  @Test
  void use_is_counted_in_the_store_that_was_given_and_in_the_calendar_of_its_zone() {
    Requests alice = requestOf("alice");
    QuotaStore counts = new MemoryQuotaStore(clock);
    directory.replaceQuotas("alice", Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 2))));
    KeyedGateway gateway =
        open(
            builder()
                .quotas(directory)
                .quotaStore(counts)
                .calendar(new BillingCalendar(ZoneId.of("America/New_York"), 1))
                .clock(clock));

    admitted(gateway, alice).complete(new Outcome(200, 0, 100, Duration.ZERO, Outcome.Ending.ANSWERED));
    admitted(gateway, alice);

    assertThat(refused(gateway, alice).rule()).isEqualTo("requests-day");
    LocalDate stillMay = LocalDate.of(2026, 5, 31);
    assertThat(counts.used(new QuotaKey("alice", Meter.REQUESTS, Window.DAY, stillMay))).isEqualTo(2);
    assertThat(counts.used(new QuotaKey("alice", Meter.BYTES, Window.DAY, stillMay))).isEqualTo(101);
  }

  @Test
  void users_without_quotas_of_their_own_have_those_of_all() {
    KeyedGateway gateway = open(builder().userQuotas(List.of(new Quota(Meter.REQUESTS, Window.MONTH, 0))));

    assertThat(refusal(gateway, requestOf("alice"))).isEqualTo(Reason.QUOTA_EXHAUSTED);
  }

  @Test
  void a_key_has_quotas_beside_those_of_its_user_and_shares_them_with_its_successor() {
    addUser("alice");
    IssuedKey first = issuer.issue("alice", "", Set.of(), Optional.empty());
    IssuedKey other = issuer.issue("alice", "", Set.of(), Optional.empty());
    directory.replaceQuotas("alice", Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 4))));
    directory.replaceKeyQuotas(
        first.key().lineage(),
        List.of(new Quota(Meter.REQUESTS, Window.DAY, 2), new Quota(Meter.BYTES, Window.MONTH, 1).asShadow()));
    QuotaStore counts = new MemoryQuotaStore(clock);
    KeyedGateway gateway = open(builder().quotas(directory).quotaStore(counts).clock(clock));

    Admission.Admitted admitted = admitted(gateway, requestWith(first));
    assertThat(admitted.responseHeaders().get("RateLimit-Policy"))
        .contains("\"requests-day\";q=4").contains("\"key-requests-day\";q=2").doesNotContain("shadow");
    admitted.complete(new Outcome(200, 0, 100, Duration.ZERO, Outcome.Ending.ANSWERED));
    IssuedKey second = issuer.rotate(first.key().id(), HOUR).orElseThrow();
    gateway.changed(new Change(Change.Topic.USER, "alice"));
    assertThat(admitted(gateway, requestWith(second)).shadowRefusals())
        .extracting(Refusal::rule).containsExactly("key-bytes-month-shadow");

    assertThat(refused(gateway, requestWith(first)).rule()).isEqualTo("key-requests-day");
    assertThat(refused(gateway, requestWith(second)).detail()).contains("key-requests-day of 2");
    assertThat(gateway.preview(requestWith(second)).refusal().orElseThrow().rule()).isEqualTo("key-requests-day");
    LocalDate june = LocalDate.of(2026, 6, 1);
    assertThat(counts.used(new QuotaKey("alice", Meter.REQUESTS, Window.DAY, june)))
        .as("nothing is taken of the user's quota for what the key's refuses").isEqualTo(2);
    admitted(gateway, requestWith(other));
    admitted(gateway, requestWith(other));
    assertThat(refused(gateway, requestWith(other)).rule()).isEqualTo("requests-day");

    directory.replaceQuotas("alice", Optional.of(List.of()));
    QuotaOwner key = QuotaOwner.ofKey("alice", first.key().lineage());
    directory.beginAnew(key.text(), List.of(new QuotaKey(key.text(), Meter.REQUESTS, Window.DAY, june)));
    gateway.changed(new Change(Change.Topic.USER, "alice"));
    admitted(gateway, requestWith(second));
    directory.replaceKeyQuotas(first.key().lineage(), List.of());
    gateway.changed(new Change(Change.Topic.USER, "alice"));
    for (int i = 0; i < 5; i++) {
      admitted(gateway, requestWith(first));
    }
  }

  @Test
  void thresholds_of_a_key_are_told_by_its_name_and_again_when_its_quota_has_grown() {
    addUser("alice");
    IssuedKey key = issuer.issue("alice", "", Set.of(), Optional.empty());
    List<Crossing> told = new CopyOnWriteArrayList<>();
    directory.replaceKeyQuotas(key.key().lineage(), List.of(new Quota(Meter.REQUESTS, Window.DAY, 10)));
    KeyedGateway gateway = open(builder().quotas(directory).clock(clock).observer(new Observer() {
      @Override
      public void crossed(Crossing crossing) {
        told.add(crossing);
      }
    }));

    complete(gateway, requestWith(key), 5);
    await().until(() -> told.size() == 1);
    directory.replaceKeyQuotas(key.key().lineage(), List.of(new Quota(Meter.REQUESTS, Window.DAY, 20)));
    gateway.changed(new Change(Change.Topic.USER, "alice"));
    complete(gateway, requestWith(key), 5);
    await().until(() -> told.size() == 2);

    assertThat(told).extracting(Crossing::percent).containsExactly(50, 50);
    assertThat(told).extracting(Crossing::used).containsExactly(5L, 10L);
    assertThat(told).extracting(crossing -> crossing.key().policy()).containsOnly("key-requests-day");
    assertThat(QuotaOwner.of(told.get(0).key().owner())).isEqualTo(QuotaOwner.ofKey("alice", key.key().lineage()));
  }

  @Test
  void a_gate_of_your_own_is_asked_last_and_gives_back_what_the_others_took() {
    Requests alice = requestOf("alice").with("X-Blocked", "yes");
    KeyedGateway gateway =
        open(builder().userLimits(List.of(Limit.of(1, HOUR))).gate(KeyedGatewayTest::refuseTheBlocked));

    for (int i = 0; i < 5; i++) {
      assertThat(refusal(gateway, alice)).isEqualTo(Reason.FORBIDDEN);
    }
    admitted(gateway, alice.with("X-Blocked", "no"));
    assertThat(refusal(gateway, alice)).isEqualTo(Reason.RATE_LIMITED);
  }

  @Test
  void another_authenticator_is_asked_before_keys_are() {
    KeyedGateway gateway = open(builder().authenticator(KeyedGatewayTest::bySession));

    Admission.Admitted bySession = admitted(gateway, requestOf("alice").with("Cookie", "session=bob"));
    Admission.Admitted byKey = admitted(gateway, requestOf("alice"));

    assertThat(bySession.subject()).contains(new Subject("bob", "session"));
    assertThat(byKey.subject()).hasValueSatisfying(subject -> assertThat(subject.user()).isEqualTo("alice"));
  }

  @Test
  void keys_may_have_a_form_of_their_own_come_in_the_query_or_be_left_out() {
    addUser("alice");
    ApiKey key = issuer.issue("alice", "", Set.of(), Optional.empty()).key();
    KeyStore keys = digest -> digest.equals(pepper.digest("corp-1")) ? Optional.of(key) : Optional.empty();
    KeyedGateway gateway =
        open(
            KeyedGateway.builder(keys, pepper)
                .keyForm(text -> text.startsWith("corp-"))
                .keyParameter("token")
                .anonymous(IdentityGate.Anonymous.ADMITTED));

    assertThat(admitted(gateway, Requests.get("/a?token=corp-1")).subject()).isPresent();
    assertThat(refusal(gateway, Requests.get("/a?token=corp-2"))).isEqualTo(Reason.KEY_UNKNOWN);
    assertThat(admitted(gateway, Requests.get("/a")).subject()).isEmpty();
  }

  @Test
  void the_clock_says_when_a_key_has_expired() {
    addUser("alice");
    Requests alice =
        Requests.get("/")
            .with(
                "X-API-Key",
                issuer.issue("alice", "", Set.of(), Optional.of(clock.instant().plusSeconds(1))).secret());
    KeyedGateway gateway = open(builder().clock(clock));
    admitted(gateway, alice);

    clock.advance(Duration.ofSeconds(1));

    assertThat(refusal(gateway, alice)).isEqualTo(Reason.KEY_EXPIRED);
  }

  @Test
  void observers_hear_of_refused_and_of_completed_requests() {
    List<String> heard = new ArrayList<>();
    Observer observer =
        new Observer() {
          @Override
          public void refused(Passage passage, Refusal refusal) {
            heard.add(refusal.reason().name());
          }

          @Override
          public void completed(Passage passage, Outcome outcome) {
            heard.add(outcome.ending().name());
          }
        };
    KeyedGateway gateway = open(builder().observer(observer));

    gateway.admit(Requests.get("/"));
    admitted(gateway, requestOf("alice")).complete(new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED));

    assertThat(heard).containsExactly("KEY_MISSING", "ANSWERED");
  }

  @Test
  void who_knows_the_key_by_its_id_is_decided_by_it_and_spends_from_the_same_counts() {
    Requests alice = requestOf("alice");
    ApiKey key = directory.keysOf("alice").get(0);
    List<String> heard = new ArrayList<>();
    Observer observer =
        new Observer() {
          @Override
          public void refused(Passage passage, Refusal refusal) {
            heard.add(refusal.rule());
          }
        };
    KeyedGateway gateway = open(builder().userLimits(List.of(Limit.of(2, HOUR))).observer(observer));

    admitted(gateway, alice);
    Admission second = gateway.admit(Requests.get("/"), key);
    Admission third = gateway.admit(Requests.get("/"), key);

    assertThat(second).isInstanceOf(Admission.Admitted.class);
    assertThat(third).isInstanceOf(Admission.Refused.class);
    assertThat(third.subject()).contains(new Subject("alice", key.id()));
    assertThat(heard).containsExactly("user-hour");
    assertThat(gateway.admit(Requests.get("/"), key.withEnabled(false)))
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            refused -> assertThat(refused.refusal().reason()).isEqualTo(Reason.KEY_DISABLED));
  }

  @Test
  void what_counts_for_addresses_can_be_said() {
    MemoryRateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime());
    KeyedGateway gateway =
        open(builder().addressLimits(List.of(Limit.of(1, HOUR)), 64).addressLimiter(limiter));
    Requests alice = requestOf("alice");
    admitted(gateway, alice);
    assertThat(refusal(gateway, alice)).isEqualTo(Reason.RATE_LIMITED);

    clock.advance(HOUR);

    admitted(gateway, alice);
  }

  @Test
  void it_runs_without_any_of_the_optional_libraries() throws Exception {
    ClassLoader bare =
        new WithoutPackages(
            getClass().getClassLoader(), "redis.", "org.jooq.", "java.sql.", "com.zaxxer.", "org.flywaydb.",
            "com.fasterxml.", "io.micrometer.", "io.gatehouse.core.settings.", "io.gatehouse.core.sql.",
            "io.gatehouse.core.redis.", "io.gatehouse.core.metrics.");
    Class<?> barePepper = bare.loadClass(Pepper.class.getName());
    KeyStore nobody = digest -> Optional.empty();

    Object builder =
        bare.loadClass(KeyedGateway.class.getName())
            .getMethod("builder", KeyStore.class, barePepper)
            .invoke(null, nobody, barePepper.getConstructor(int.class, byte[].class).newInstance(1, new byte[32]));
    Gateway gateway = (Gateway) builder.getClass().getMethod("build").invoke(builder);

    assertThat(refusal(gateway, requestOf("alice"))).isEqualTo(Reason.KEY_UNKNOWN);
    ((AutoCloseable) gateway).close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 129})
  void an_address_has_1_to_128_bits(int prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().addressLimits(List.of(), prefix))
        .withMessage("ipv6Prefix: " + prefix + " (expected: 1 to 128)");
  }

  private KeyedGateway.Builder builder() {
    return KeyedGateway.builder(directory, pepper);
  }

  private KeyedGateway open(KeyedGateway.Builder builder) {
    KeyedGateway gateway = builder.build();
    opened.add(gateway);
    return gateway;
  }

  private void addUser(String id) {
    if (directory.user(id).isEmpty()) {
      directory.addUser(new User(id, id, true, clock.instant()));
    }
  }

  private Requests requestOf(String user) {
    addUser(user);
    return Requests.get("/").with("X-API-Key", issuer.issue(user, "", Set.of(), Optional.empty()).secret());
  }

  private static String key(Requests request) {
    return request.header("X-API-Key").orElseThrow();
  }

  private static Requests requestWith(IssuedKey key) {
    return Requests.get("/").with("X-API-Key", key.secret());
  }

  private static void complete(KeyedGateway gateway, Requests request, int times) {
    for (int i = 0; i < times; i++) {
      admitted(gateway, request).complete(new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED));
    }
  }

  private static Optional<Refusal> refuseTheBlocked(Passage passage) {
    return passage.inbound().header("X-Blocked").filter("yes"::equals).map(
        blocked -> Refusal.of(Reason.FORBIDDEN, "Blocked."));
  }

  private static Authenticator.Result bySession(Inbound request) {
    return request
        .header("Cookie")
        .<Authenticator.Result>map(
            cookie ->
                new Authenticator.Result.Known(
                    new Entitlement(
                        new Subject(cookie.substring("session=".length()), "session"),
                        List.of(),
                        List.of(),
                        List.of(),
                        Set.of())))
        .orElseGet(Authenticator.Result.Absent::new);
  }

  private static Admission.Admitted admitted(Gateway gateway, Inbound request) {
    Admission admission = gateway.admit(request);
    assertThat(admission).isInstanceOf(Admission.Admitted.class);
    return (Admission.Admitted) admission;
  }

  private static Refusal refused(Gateway gateway, Inbound request) {
    Admission admission = gateway.admit(request);
    assertThat(admission).isInstanceOf(Admission.Refused.class);
    return ((Admission.Refused) admission).refusal();
  }

  private static Reason refusal(Gateway gateway, Inbound request) {
    return refused(gateway, request).reason();
  }
}

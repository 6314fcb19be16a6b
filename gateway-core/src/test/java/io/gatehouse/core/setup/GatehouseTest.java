package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Admission;
import io.gatehouse.Gateway;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.key.User;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running gateway over SQLite, whose settings change. Nothing listens where its backends are said to be. */
class GatehouseTest {

  private static final URI A = URI.create("http://127.0.0.1:9");
  private static final URI B = URI.create("http://127.0.0.2:9");

  @TempDir private Path directory;
  private Gatehouse gatehouse;

  @BeforeEach
  void open() {
    gatehouse = Gatehouse.open(
        settings("RATE_LIMITS_USER_LEVEL_REQUESTS_PER_HOUR", "3", "BACKENDS_0_URL", A.toString()), List.of());
  }

  @AfterEach
  void close() {
    gatehouse.close();
  }

  @Test
  void those_who_hold_its_gateway_are_decided_by_the_limits_that_are_in_force() {
    Gateway held = gatehouse.gateway();
    Requests alice = requestOf("alice");
    admitted(held, alice);
    admitted(held, alice);

    gatehouse.become(settings("RATE_LIMITS_USER_LEVEL_REQUESTS_PER_HOUR", "2"));

    assertThat(refusal(held, alice)).isEqualTo(Reason.RATE_LIMITED);
    assertThat(gatehouse.settings().rateLimits().userLevel()).singleElement()
        .satisfies(limit -> assertThat(limit.permits()).isEqualTo(2));
  }

  @Test
  void a_snapshot_stays_as_it_was() {
    Snapshot before = gatehouse.snapshot();

    Snapshot after = gatehouse.become(settings("AUTH_REQUIRED", "false"));

    assertThat(gatehouse.snapshot()).isSameAs(after);
    assertThat(refusal(before.gateway(), Requests.get("/"))).isEqualTo(Reason.KEY_MISSING);
    admitted(after.gateway(), Requests.get("/"));
    assertThat(before.settings().auth().required()).isTrue();
  }

  @Test
  void backends_come_and_go_and_one_that_stays_keeps_what_is_known_of_it() {
    Pick underWay = gatehouse.snapshot().pool("default").balancer().pick(Requests.get("/"), Set.of()).orElseThrow();
    await().atMost(Duration.ofSeconds(20)).until(() -> standing(A).failures() > 0);

    gatehouse.become(settings(
        "BACKENDS_0_URL", B.toString(), "BACKENDS_1_URL", A.toString(), "BACKENDS_1_WEIGHT", "9",
        "BALANCER_ALGORITHM", "least-request"));

    assertThat(gatehouse.pool().standings()).extracting(each -> each.upstream().uri()).containsExactly(B, A);
    assertThat(standing(A)).satisfies(a -> {
      assertThat(a.upstream().weight()).isEqualTo(9);
      assertThat(a.inFlight()).isEqualTo(1);
      assertThat(a.failures()).isPositive();
    });
    underWay.abandoned();
    assertThat(standing(A).inFlight()).isZero();

    gatehouse.become(settings("BACKENDS_0_URL", B.toString()));
    assertThat(gatehouse.pool().standings()).extracting(each -> each.upstream().uri()).containsExactly(B);
  }

  @Test
  void what_administrators_have_set_goes_before_the_new_settings_as_before_the_old() {
    gatehouse.stores().backends().putBackend(
        new Upstream(A, 42, Upstream.State.DRAINING, Duration.ofSeconds(30)));
    await().atMost(Duration.ofSeconds(20)).until(() -> standing(A).upstream().weight() == 42);

    gatehouse.become(settings("BACKENDS_0_URL", A.toString(), "BACKENDS_0_WEIGHT", "3"));

    assertThat(standing(A).upstream().weight()).isEqualTo(42);
  }

  @Test
  void discovery_begins_changes_and_ends() throws Exception {
    Path found = Files.writeString(directory.resolve("backends"), B + " 2\n");

    gatehouse.become(settings("DISCOVERY_FILE", found.toString(), "DISCOVERY_INTERVAL", "100ms"));
    assertThat(gatehouse.pool().standings()).extracting(each -> each.upstream().uri()).containsExactly(B);

    Path other = Files.writeString(directory.resolve("others"), A + " 3\n");
    gatehouse.become(settings("DISCOVERY_FILE", other.toString(), "DISCOVERY_INTERVAL", "100ms"));
    assertThat(gatehouse.pool().standings()).extracting(each -> each.upstream().uri()).containsExactly(A);

    gatehouse.become(settings("BACKENDS_0_URL", B.toString()));
    assertThat(gatehouse.pool().standings()).extracting(each -> each.upstream().uri()).containsExactly(B);
    await().atMost(Duration.ofSeconds(20)).until(() -> threads("gatehouse-discovery") == 0);
  }

  @Test
  void quotas_accounts_and_stored_bytes_go_by_the_quotas_in_force() {
    String alice = user("alice");
    var stored = gatehouse.storedBytes();
    assertThat(stored.add(alice, 100)).isEmpty();

    gatehouse.become(settings("QUOTAS_STORED_BYTES", "150", "QUOTAS_REQUESTS_PER_DAY", "7"));

    assertThat(stored.add(alice, 100)).isPresent();
    assertThat(gatehouse.quotaAccounts().accountsOf(alice))
        .filteredOn(account -> account.key().meter() == Meter.REQUESTS && account.key().window() == Window.DAY)
        .singleElement()
        .satisfies(account -> assertThat(account.quota().orElseThrow().most()).isEqualTo(7));
  }

  @Test
  void a_thousand_changes_leave_no_thread_and_no_snapshot_behind() throws Exception {
    Path found = Files.writeString(directory.resolve("backends"), B + "\n");
    Requests alice = requestOf("alice");
    admitted(gatehouse.gateway(), alice);
    WeakReference<Snapshot> first = new WeakReference<>(gatehouse.snapshot());
    WeakReference<KeyedGateway> gateway = new WeakReference<>(gatehouse.snapshot().gateway());
    int before = ours();

    for (int i = 0; i < 1_000; i++) {
      Map<String, String> more = new HashMap<>(Map.of(
          "GATEHOUSE_RATE_LIMITS_USER_LEVEL_REQUESTS_PER_HOUR", Integer.toString(100_000 + i),
          "GATEHOUSE_BALANCER_ALGORITHM", i % 2 == 0 ? "peak-ewma" : "weighted-round-robin",
          "GATEHOUSE_BACKENDS_0_URL", A.toString(),
          "GATEHOUSE_BACKENDS_0_WEIGHT", Integer.toString(1 + i % 100)));
      if (i % 10 == 0) {
        more.put("GATEHOUSE_DISCOVERY_FILE", found.toString());
      }
      gatehouse.become(settings(more));
      admitted(gatehouse.gateway(), alice);
    }

    await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
      System.gc();
      assertThat(first.get()).isNull();
      assertThat(gateway.get()).isNull();
      assertThat(ours()).isLessThanOrEqualTo(before + 8); // probes start threads when backends need them
    });
  }

  private static int ours() {
    return (int) Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("gatehouse"))
        .count();
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals(name)).count();
  }

  private Standing standing(URI uri) {
    return gatehouse.pool().standings().stream()
        .filter(standing -> standing.upstream().uri().equals(uri)).findFirst().orElseThrow();
  }

  private Settings settings(String... more) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < more.length; i += 2) {
      environment.put("GATEHOUSE_" + more[i], more[i + 1]);
    }
    return settings(environment);
  }

  private Settings settings(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("GATEHOUSE_DATA_DIR", directory.resolve("data").toString());
    environment.put("GATEHOUSE_RATE_LIMITS_IP_LEVEL", "none");
    environment.put("GATEHOUSE_RATE_LIMITS_API_LEVEL", "none");
    environment.put("GATEHOUSE_HEALTH_CHECK_UNHEALTHY_AFTER", "100");
    return SettingsReader.read(Optional.empty(), environment).settings();
  }

  private String user(String name) {
    String id = TimeOrderedId.next(InstantSource.system());
    gatehouse.stores().users()
        .addUser(new User(id, name, true, Instant.ofEpochMilli(System.currentTimeMillis())));
    return id;
  }

  private Requests requestOf(String name) {
    String secret = gatehouse.stores().issuer().issue(user(name), "", Set.of(), Optional.empty()).secret();
    return Requests.get("/").with("X-API-Key", secret);
  }

  private static void admitted(Gateway gateway, Requests request) {
    assertThat(gateway.admit(request)).isInstanceOf(Admission.Admitted.class);
  }

  private static Reason refusal(Gateway gateway, Requests request) {
    return ((Admission.Refused) gateway.admit(request)).refusal().reason();
  }
}

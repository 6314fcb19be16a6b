package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.fixture.RedisClusterFixture;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes over a Redis Cluster of three, by settings. */
class RedisClusterTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int DOOMED = 2;

  @TempDir Path directory;

  private final RedisClusterFixture cluster = RedisClusterFixture.started();
  private Stores stores;
  private Counts one;
  private Counts other;

  @BeforeEach
  void open() {
    stores = Stores.open(settings("one"), InstantSource.system());
    one = Counts.open(settings("one"), stores, InstantSource.system());
    other = Counts.open(settings("other"), stores, InstantSource.system());
  }

  @AfterEach
  void close() {
    other.close();
    one.close();
    stores.close();
    cluster.close();
  }

  @Test
  void nodes_share_limits_and_quotas_of_several_buckets_and_meters() {
    List<Charge> charges = List.of(charge(0, 4), charge(1, 5), charge(DOOMED, 6));
    for (int i = 0; i < 4; i++) {
      assertThat((i % 2 == 0 ? one : other).limiter().tryAcquire(charges)).isInstanceOf(Decision.Allowed.class);
    }
    Decision denied = one.limiter().tryAcquire(charges);
    assertThat(denied).isInstanceOf(Decision.Denied.class);
    assertThat(denied.tightest()).isEqualTo(charges.get(0));
    assertThat(denied.mode()).isEqualTo(Mode.EXACT);

    QuotaKey requests = key(1, Meter.REQUESTS);
    List<Claim> claims = List.of(
        new Claim(requests, 1, 3), new Claim(key(1, Meter.BYTES), 10, 1_000), new Claim(key(1, Meter.PIXELS), 7, 50));
    assertThat(one.quotas().addWithin(claims)).isInstanceOf(QuotaDecision.Granted.class);
    one.quotas().settle(claims.get(1).key(), 5);
    assertThat(other.quotas().addWithin(claims)).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(one.quotas().addWithin(claims)).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(other.quotas().addWithin(claims)).isEqualTo(new QuotaDecision.Exhausted(claims.get(0), 3));
    await().atMost(PATIENCE).until(() -> other.quotas().used(claims.get(1).key()) == 35);
    assertThat(one.sharedReachable()).isTrue();

    // A key is decided with its user, whatever the slot of either alone would be.
    for (int node = 0; node < 3; node++) {
      String user = key(node, Meter.PIXELS).owner();
      QuotaKey ofUser = new QuotaKey(user, Meter.PIXELS, Window.DAY, requests.start());
      QuotaKey ofKey =
          new QuotaKey(QuotaOwner.ofKey(user, "k" + node).text(), Meter.PIXELS, Window.DAY, requests.start());
      List<Claim> both = List.of(new Claim(ofUser, 1, 10), new Claim(ofKey, 1, 2));
      assertThat(one.quotas().addWithin(both)).isInstanceOf(QuotaDecision.Granted.class);
      assertThat(other.quotas().addWithin(both)).isInstanceOf(QuotaDecision.Granted.class);
      assertThat(one.quotas().addWithin(both)).isEqualTo(new QuotaDecision.Exhausted(both.get(1), 2));
      assertThat(other.quotas().used(ofUser)).isEqualTo(2);
    }
  }

  @Test
  void a_primary_that_is_killed_takes_only_its_own_buckets_and_counts_with_it_and_gets_them_back() {
    Charge lost = charge(DOOMED, 1_000_000);
    Charge kept = charge(0, 1_000_000);
    QuotaKey lostKey = key(DOOMED, Meter.REQUESTS);
    QuotaKey keptKey = key(0, Meter.REQUESTS);
    take(one, lostKey, 3);
    take(other, lostKey, 4);
    take(one, keptKey, 3);
    take(other, keptKey, 4);
    assertThat(one.limiter().tryAcquire(List.of(lost, kept)).mode()).isEqualTo(Mode.EXACT);
    await().atMost(PATIENCE).until(() -> stores.usage().totals(List.of(lostKey), "").get(lostKey) == 7);

    cluster.stop(DOOMED);

    await().atMost(PATIENCE).until(() -> modeOf(lost) == Mode.LOCAL);
    for (int i = 0; i < 50; i++) {
      assertThat(modeOf(kept)).isEqualTo(Mode.EXACT);
    }
    assertThat(one.limiter().tryAcquire(List.of(kept, lost))).isInstanceOf(Decision.Allowed.class);
    take(one, lostKey, 2);
    take(one, keptKey, 2);
    take(other, keptKey, 1);
    Claim full = new Claim(keptKey, 1, 10);
    assertThat(one.quotas().addWithin(List.of(full))).isEqualTo(new QuotaDecision.Exhausted(full, 10));
    assertThat(one.sharedReachable()).isFalse();

    cluster.start(DOOMED);

    await().atMost(PATIENCE).until(() -> modeOf(lost) == Mode.EXACT);
    await().atMost(PATIENCE).until(one::sharedReachable);
    take(other, lostKey, 1);
    Claim ofLost = new Claim(lostKey, 1, 10);
    await().atMost(PATIENCE).until(
        () -> other.quotas().peek(List.of(ofLost)).equals(new QuotaDecision.Exhausted(ofLost, 10)));
  }

  private Mode modeOf(Charge charge) {
    RateLimiter limiter = one.limiter();
    Decision decision = limiter.tryAcquire(List.of(charge));
    assertThat(decision).isInstanceOf(Decision.Allowed.class);
    return decision.mode();
  }

  private static void take(Counts node, QuotaKey key, long amount) {
    assertThat(node.quotas().addWithin(List.of(new Claim(key, amount, 10))))
        .isInstanceOf(QuotaDecision.Granted.class);
  }

  private Settings settings(String node) {
    String yaml = """
        data_dir: "%s"
        database: {driver: sqlite, dsn: "%s"}
        backends: [{url: "http://127.0.0.1:1"}]
        redis: {addr: "%s:%d", cluster: true, timeout: 2s}
        """.formatted(directory.resolve(node), directory.resolve("shared.db"), cluster.host(), cluster.port());
    try {
      return SettingsReader.read(Optional.of(Files.writeString(directory.resolve(node + ".yaml"), yaml)), Map.of())
          .settings();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Too slow to be leased. */
  private Charge charge(int node, long permits) {
    return new Charge("p", on(node, "gatehouse:limit:"), Limit.of(permits, Duration.ofDays(1)), 1);
  }

  private QuotaKey key(int node, Meter meter) {
    return new QuotaKey(
        on(node, "gatehouse:quota:"), meter, Window.MONTH, Window.MONTH.startAt(Instant.now(), BillingCalendar.UTC));
  }

  private String on(int node, String prefix) {
    return IntStream.iterate(0, i -> i + 1).mapToObj(i -> "name-" + i)
        .filter(name -> cluster.nodeOf(prefix + "{of:" + name + "}") == node).findFirst().orElseThrow();
  }
}

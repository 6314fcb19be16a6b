package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.contract.QuotaStoreContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.RedisServerFixture;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision.Exhausted;
import io.gatehouse.quota.QuotaDecision.Granted;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisQuotaStoreTest extends QuotaStoreContract {

  private static RedisServerFixture server;

  private final RedisConnection redis = RedisConnection.to(server.host(), server.port())
      .timeout(Duration.ofSeconds(2)).open();

  @BeforeAll
  static void start() {
    server = RedisServerFixture.started();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void close() {
    redis.close();
  }

  @Override
  protected QuotaStore store(SettableClock clock) {
    return store(keys -> List.of());
  }

  @Override
  protected boolean breakStore() {
    server.stop();
    return true;
  }

  @Override
  protected void mendStore() {
    server.start();
  }

  @Test
  void a_count_that_redis_does_not_have_begins_with_what_is_known_elsewhere() {
    AtomicInteger asked = new AtomicInteger();
    QuotaStore store = store(keys -> {
      asked.incrementAndGet();
      return others(keys, 90);
    });
    QuotaKey key = key();

    assertThat(store.used(key)).isEqualTo(90);
    Claim claim = new Claim(key, 6, 100);
    assertThat(store.addWithin(List.of(claim))).isEqualTo(new Granted());
    assertThat(store.used(key)).isEqualTo(96);
    assertThat(store.addWithin(List.of(claim))).isEqualTo(new Exhausted(claim, 96));
    assertThat(store.add(key, 1)).isEqualTo(97);
    assertThat(asked).hasValue(1);
  }

  @Test
  void data_that_redis_lost_is_brought_back() {
    QuotaStore store = store(keys -> others(keys, 40));
    QuotaKey key = key();
    store.add(key, 5);

    redis.call("lose all", client -> client.flushAll());

    assertThat(store.add(key, 1)).isEqualTo(41);
  }

  @Test
  void two_nodes_that_bring_a_seed_at_once_do_not_double_it() throws Exception {
    QuotaKey key = key();
    CyclicBarrier bothAsked = new CyclicBarrier(2);
    QuotaStore store = store(asked -> {
      try {
        bothAsked.await();
        return others(asked, 1000);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
    Thread other = new Thread(() -> store.add(key, 1));
    other.start();

    store.add(key, 1);
    other.join();

    assertThat(store.used(key)).isEqualTo(1002);
  }

  @Test
  void several_unknown_counts_are_seeded_in_one_call_and_none_is_added_to_on_refusal() {
    QuotaStore store = store(keys -> keys.stream()
        .map(key -> new UsageRecord("other", key, key.meter() == Meter.BYTES ? 7 : 3, 0)).toList());
    QuotaKey requests = key();
    QuotaKey bytes = new QuotaKey(requests.owner(), Meter.BYTES, Window.MONTH, requests.start());
    Claim full = new Claim(bytes, 4, 10);

    assertThat(store.addWithin(List.of(new Claim(requests, 1, 100), full))).isEqualTo(new Exhausted(full, 7));
    assertThat(store.used(requests)).isEqualTo(3);
    assertThat(store.addWithin(List.of(new Claim(requests, 1, 100), new Claim(bytes, 3, 10))))
        .isEqualTo(new Granted());
    assertThat(store.used(requests)).isEqualTo(4);
    assertThat(store.used(bytes)).isEqualTo(10);
  }

  @Test
  void a_seed_that_cannot_be_had_adds_nothing() {
    StoreException away = new StoreException("the database is away", new IllegalStateException());
    QuotaKey key = key();
    QuotaStore store = store(asked -> {
      throw away;
    });

    assertThatThrownBy(() -> store.add(key, 1)).isSameAs(away);
    assertThatThrownBy(() -> store.used(key)).isSameAs(away);

    assertThat(store(keys -> List.of()).used(key)).isZero();
  }

  @Test
  void keys_expire_after_their_period_and_not_later_for_being_used() {
    QuotaStore store = store(keys -> List.of());
    QuotaKey day = key();
    QuotaKey month = new QuotaKey(day.owner(), Meter.BYTES, Window.MONTH, day.start());
    store.add(day, 1);
    store.add(month, 1);
    String name = "gatehouse:quota:{of:" + day.owner() + "}:REQUESTS:DAY:" + day.start();

    assertThat(secondsToLive(name)).isBetween(345_590L, 345_600L);
    redis.call("shorten", client -> client.expire(name, 100));
    store.add(day, 1);
    assertThat(secondsToLive(name)).isBetween(90L, 100L);
    assertThat(secondsToLive("gatehouse:quota:{of:" + month.owner() + "}:BYTES:MONTH:" + month.start()))
        .isGreaterThan(2_937_000L);
  }

  @Test
  void a_count_stops_at_two_to_the_power_of_53() {
    QuotaStore store = store(keys -> List.of());
    QuotaKey key = key();

    assertThat(store.add(key, Long.MAX_VALUE)).isEqualTo(1L << 53);
    assertThat(store.add(key, 5)).isEqualTo(1L << 53);
    assertThat(store.add(key, Long.MIN_VALUE)).isZero();
  }

  @Test
  void a_node_tells_with_each_call_what_it_has_used_so_that_nothing_is_counted_twice_or_lost() {
    QuotaKey key = key();
    AtomicLong used = new AtomicLong(20);
    QuotaStore store =
        new RedisQuotaStore(redis, asked -> new UsageRecord("me", asked, used.get(), 5), keys -> List.of());
    Claim claim = new Claim(key, 2, 18);

    assertThat(store.addWithin(List.of(claim))).isEqualTo(new Granted());
    assertThat(store.used(key)).isEqualTo(17);
    used.set(22);
    assertThat(store.addWithin(List.of(claim))).isEqualTo(new Exhausted(claim, 17));
    redis.call("lose all", client -> client.flushAll());

    assertThat(store.addWithin(List.of(claim))).isEqualTo(new Exhausted(claim, 17));
    used.set(23);
    assertThat(store.used(key)).isEqualTo(18);
  }

  @Test
  void what_is_told_again_late_or_by_somebody_else_changes_nothing() {
    QuotaKey key = key();
    QuotaKey absent = key();
    RedisQuotaStore store = store(keys -> List.of());
    store.add(key, 3);

    assertThat(store.tell(List.of(new UsageRecord("a", key, 10, 2), new UsageRecord("a", absent, 1, 0))))
        .containsExactly(absent);
    store.tell(List.of(new UsageRecord("a", key, 9, 1), new UsageRecord("b", key, 4, 0)));
    store.tellAll(List.of(new UsageRecord("a", key, 10, 2), new UsageRecord("a", absent, 6, 1)));

    assertThat(store.used(key)).isEqualTo(3 + 8 + 4);
    assertThat(store.used(absent)).isEqualTo(5);
    assertThat(secondsToLive(RedisQuotaStore.name(absent))).isGreaterThan(345_000L);
  }

  @Test
  void thousands_of_keys_can_be_told_at_once() {
    RedisQuotaStore store = store(keys -> List.of());
    List<UsageRecord> all =
        IntStream.range(0, 2_345).mapToObj(i -> new UsageRecord("a", key(), i + 1, 0)).toList();

    assertThat(store.tell(all)).hasSize(2_345);
    store.tellAll(all);

    assertThat(store.tell(all)).isEmpty();
    assertThat(store.used(all.get(2_344).key())).isEqualTo(2_345);
  }

  @Test
  void a_redis_that_was_emptied_says_so_once() {
    RedisMemory memory = new RedisMemory(redis);
    RedisMemory other = new RedisMemory(redis);
    assertThat(memory.lost()).isFalse();
    assertThat(other.lost()).isFalse();

    redis.call("lose all", client -> client.flushAll());

    assertThat(memory.lost()).isTrue();
    assertThat(other.lost()).isTrue();
    assertThat(memory.lost()).isFalse();
  }

  private RedisQuotaStore store(Function<Collection<QuotaKey>, List<UsageRecord>> known) {
    return new RedisQuotaStore(redis, key -> new UsageRecord("me", key, 0, 0), known);
  }

  private static List<UsageRecord> others(Collection<QuotaKey> keys, long used) {
    return keys.stream().map(key -> new UsageRecord("other", key, used, 0)).toList();
  }

  private long secondsToLive(String name) {
    return redis.call("ask", client -> client.ttl(name));
  }

  private static QuotaKey key() {
    return new QuotaKey("u-" + UUID.randomUUID(), Meter.REQUESTS, Window.DAY, LocalDate.of(2026, 6, 1));
  }
}

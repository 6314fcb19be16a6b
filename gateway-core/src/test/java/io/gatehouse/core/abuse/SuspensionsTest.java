package io.gatehouse.core.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Enforcement;
import io.gatehouse.StoreException;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Blocks;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.Countries;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.abuse.Offence.Cause;
import io.gatehouse.core.abuse.Suspensions.Wanted;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SuspensionsTest {

  private static final Penalties PENALTIES =
      new Penalties(Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofHours(1), Enforcement.ENFORCED);

  private final SettableClock clock = new SettableClock();
  private final Blocklist list = new Blocklist(clock);
  private final AtomicInteger ids = new AtomicInteger();
  private final List<Wanted> kept = new CopyOnWriteArrayList<>();

  /** What the store makes of a suspension; by default it keeps it as it is. */
  private final AtomicReference<Suspensions.Ledger> ledger = new AtomicReference<>(SuspensionsTest::asWanted);

  private final Suspensions suspensions =
      Suspensions.start(list, this::keep, PENALTIES, () -> "id" + ids.incrementAndGet(), clock);

  private List<Optional<Block>> keep(List<Wanted> wanted) {
    List<Optional<Block>> answers = ledger.get().keep(wanted);
    kept.addAll(wanted);
    return answers;
  }

  private static List<Optional<Block>> asWanted(List<Wanted> wanted) {
    return wanted.stream().map(each -> Optional.of(each.block())).toList();
  }

  @AfterEach
  void close() {
    suspensions.close();
  }

  @Test
  void a_suspension_holds_at_once_and_is_kept_soon() {
    assertThat(suspend("192.0.2.1")).isTrue();

    assertThat(blocked("192.0.2.1")).isTrue();
    assertThat(blocked("192.0.2.2")).isFalse();
    awaitKept(1);
    assertThat(kept.get(0).block()).isEqualTo(list.automatic(Kind.NETWORK, "192.0.2.1/32").orElseThrow());
    assertThat(suspensions.pending()).isEmpty();
    assertThat(blocked("192.0.2.1")).isTrue();
    assertThat(suspensions.made(Cause.BAD_KEYS)).isEqualTo(1);
    assertThat(suspensions.made(Cause.SPIKE)).isZero();
  }

  @Test
  void who_is_suspended_is_not_suspended_again_until_that_has_ended_and_then_for_longer() {
    suspend("192.0.2.1");
    assertThat(suspend("192.0.2.1")).isFalse();

    clock.advance(Duration.ofMinutes(1));
    assertThat(blocked("192.0.2.1")).isFalse();
    assertThat(suspend("192.0.2.1")).isTrue();

    clock.advance(Duration.ofMinutes(2).minusMillis(1));
    assertThat(blocked("192.0.2.1")).isTrue();
    clock.advance(Duration.ofMillis(1));
    assertThat(blocked("192.0.2.1")).isFalse();
    awaitKept(2);
    assertThat(kept).extracting(each -> each.block().strikes()).containsExactly(1, 2);
    assertThat(suspensions.made(Cause.BAD_KEYS)).isEqualTo(2);
  }

  @Test
  void of_many_who_see_the_same_offence_one_suspends() {
    long made = IntStream.range(0, 200).parallel().filter(i -> suspend("192.0.2.1")).count();

    assertThat(made).isEqualTo(1);
    awaitKept(1);
  }

  @Test
  void a_suspension_that_another_node_has_begun_is_left_to_the_feed() {
    ledger.set(wanted -> List.of(Optional.of(
        new Block(
            "other", Kind.NETWORK, "192.0.2.1", "", Enforcement.ENFORCED, Block.Source.AUTOMATIC, clock.instant(),
            Optional.of(clock.instant().plusSeconds(240)), 3))));

    suspend("192.0.2.1");
    awaitKept(1);

    await().until(() -> !blocked("192.0.2.1"));
    assertThat(suspensions.pending()).isEmpty();
  }

  @Test
  void while_the_store_is_away_a_suspension_holds_here_and_is_kept_when_the_store_is_back() {
    AtomicInteger tries = new AtomicInteger();
    ledger.set(wanted -> {
      if (tries.incrementAndGet() == 1) {
        throw new StoreException("away");
      }
      return asWanted(wanted);
    });

    suspend("192.0.2.1");
    await().until(() -> tries.get() == 1);
    assertThat(blocked("192.0.2.1")).isTrue();
    assertThat(suspensions.pending()).hasSize(1);

    awaitKept(1);
    assertThat(tries.get()).isEqualTo(2);
    assertThat(blocked("192.0.2.1")).isTrue();
  }

  @Test
  void one_that_the_store_has_no_room_for_ends_and_is_counted() {
    ledger.set(wanted -> wanted.stream().map(each -> Optional.<Block>empty()).toList());

    suspend("192.0.2.1");

    await().until(() -> suspensions.droppedEver() == 1);
    assertThat(blocked("192.0.2.1")).isFalse();
  }

  @Test
  void a_ledger_that_fails_does_not_end_the_keeping() {
    ledger.set(wanted -> {
      throw new IllegalStateException("wrong");
    });
    suspend("192.0.2.1");
    await().until(() -> suspensions.pending().isEmpty());
    ledger.set(SuspensionsTest::asWanted);

    suspend("192.0.2.2");

    awaitKept(1);
    assertThat(blocked("192.0.2.1")).isTrue();
  }

  @Test
  void when_too_many_wait_nobody_more_is_suspended_and_those_who_are_stay() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    ledger.set(wanted -> {
      held.countDown();
      try {
        hold.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return asWanted(wanted);
    });
    suspend("10.0.0.0");
    held.await();
    int made = 0;
    for (int i = 1; i < Suspensions.QUEUE + 100; i++) {
      made += suspend("10.0." + i / 256 + "." + i % 256) ? 1 : 0;
    }

    assertThat(made).isEqualTo(Suspensions.QUEUE);
    assertThat(suspensions.droppedEver()).isEqualTo(99);
    assertThat(blocked("10.0.0.0")).isTrue();
    assertThat(blocked("10.0.3.0")).isTrue();
    assertThat(blocked("10.0.4.10")).isFalse();
    hold.countDown();
    awaitKept(Suspensions.QUEUE + 1);
    assertThat(suspend("10.0.4.10")).isTrue();
  }

  @Test
  void strikes_that_are_only_remembered_give_way_and_suspensions_that_go_on_do_not() {
    for (int i = 0; i < Blocks.MOST_AUTOMATIC; i++) {
      list.put(
          new Block(
              "b" + i, Kind.KEY, "k" + i, "", Enforcement.ENFORCED, Block.Source.AUTOMATIC, clock.instant(),
              i == 0 ? Optional.of(clock.instant().plusSeconds(30)) : Optional.empty(), 1));
    }
    assertThat(suspend("192.0.2.1")).isFalse();
    assertThat(suspensions.droppedEver()).isEqualTo(1);

    clock.advance(Duration.ofSeconds(31));

    assertThat(suspend("192.0.2.1")).isTrue();
    assertThat(list.automatic(Kind.KEY, "k0")).isEmpty();
    assertThat(list.ofCaller("", "k1")).isNotNull();
  }

  @Test
  void what_waits_is_kept_before_it_closes() {
    for (int i = 0; i < 70; i++) {
      suspend("192.0.2." + i);
    }

    suspensions.close();

    assertThat(kept).hasSize(70);
  }

  private boolean suspend(String address) {
    return suspensions.suspend(
        new Offence(Kind.NETWORK, address, Cause.BAD_KEYS, "why", clock.instant()));
  }

  private boolean blocked(String address) {
    return list.ofAddress(Cidr.address(address), Countries.UNKNOWN) != null;
  }

  private void awaitKept(int many) {
    await().until(() -> kept.size() == many && suspensions.pending().isEmpty());
  }
}

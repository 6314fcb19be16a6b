package io.gatehouse.core.upstream;

import static io.gatehouse.core.upstream.Upstreams.ANY;
import static io.gatehouse.core.upstream.Upstreams.name;
import static io.gatehouse.core.upstream.Upstreams.upstream;
import static io.gatehouse.core.upstream.Upstreams.uri;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.contract.BalancerContract;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Upstream;
import io.gatehouse.upstream.Upstream.State;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class WeightedRoundRobinTest {

  private final AtomicLong nanos = new AtomicLong();
  private final Pool pool = new Pool(PoolRules.DEFAULT, InstantSource.system(), nanos::get);
  private final PoolBalancer balancer = PoolBalancer.weightedRoundRobin(pool);

  @Test
  void weights_five_one_one_give_aabacaa_over_and_over() {
    pool.replace(List.of(upstream("a", 5), upstream("b", 1), upstream("c", 1)));

    assertThat(picks(21)).isEqualTo("aabacaa".repeat(3));
  }

  @Test
  void weights_seventy_thirty_ten_are_exact_in_any_110_picks_and_never_three_in_a_row() {
    pool.replace(List.of(upstream("a", 70), upstream("b", 30), upstream("c", 10)));

    String picks = picks(550);

    for (int from = 0; from + 110 <= picks.length(); from++) {
      String window = picks.substring(from, from + 110);
      assertThat(window.chars().filter(c -> c == 'a').count()).isEqualTo(70);
      assertThat(window.chars().filter(c -> c == 'b').count()).isEqualTo(30);
      assertThat(window.chars().filter(c -> c == 'c').count()).isEqualTo(10);
    }
    assertThat(picks).startsWith("abaacabaaba".repeat(10)).doesNotContain("aaa");
  }

  @Test
  void shares_are_exact_when_many_threads_pick_at_once() throws InterruptedException {
    pool.replace(List.of(upstream("a", 70), upstream("b", 30), upstream("c", 10)));
    Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(new Thread(() -> {
        awaitQuietly(start);
        for (int n = 0; n < 110 * 250; n++) {
          Pick pick = balancer.pick(ANY, Set.of()).orElseThrow();
          counts.computeIfAbsent(name(pick.upstream()), any -> new AtomicInteger()).incrementAndGet();
          pick.answered(200, Duration.ZERO);
        }
      }));
    }
    threads.forEach(Thread::start);

    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(counts.get("a").get()).isEqualTo(70 * 2000);
    assertThat(counts.get("b").get()).isEqualTo(30 * 2000);
    assertThat(counts.get("c").get()).isEqualTo(10 * 2000);
    assertThat(pool.standings()).allMatch(standing -> standing.inFlight() == 0);
  }

  @Test
  void a_backend_that_drains_gets_nothing_and_keeps_its_requests() {
    pool.replace(List.of(upstream("a", 1), upstream("b", 1)));
    Pick running = balancer.pick(ANY, Set.of()).orElseThrow();

    pool.replace(List.of(upstream("a", 1, State.DRAINING), upstream("b", 1)));

    assertThat(picks(4)).isEqualTo("bbbb");
    assertThat(pool.standings().get(0).inFlight()).isEqualTo(1);
    running.answered(200, Duration.ZERO);
    assertThat(pool.standings().get(0).inFlight()).isZero();
  }

  @Test
  void backends_that_were_tried_are_not_picked_again() {
    pool.replace(List.of(upstream("a", 9), upstream("b", 1)));

    assertThat(balancer.pick(ANY, Set.of(uri("a")))).map(Pick::upstream).map(Upstream::uri).contains(uri("b"));
    assertThat(balancer.pick(ANY, Set.of(uri("a"), uri("b")))).isEmpty();
  }

  @Test
  void an_empty_pool_has_nothing_to_pick() {
    assertThat(balancer.pick(ANY, Set.of())).isEmpty();
  }

  @Test
  void when_every_backend_is_unhealthy_there_is_nothing_to_pick() {
    pool.replace(List.of(upstream("a", 1)));

    for (int i = 0; i < 3; i++) {
      balancer.pick(ANY, Set.of()).orElseThrow().failed(new IOException("refused"));
    }

    assertThat(balancer.pick(ANY, Set.of())).isEmpty();
    assertThat(pool.standings().get(0).health()).isEqualTo(Health.UNHEALTHY);
  }

  @Test
  void only_the_first_verb_counts() {
    pool.replace(List.of(upstream("a", 1)));
    Pick pick = balancer.pick(ANY, Set.of()).orElseThrow();

    pick.abandoned();
    pick.failed(new IOException("late"));
    pick.answered(200, Duration.ZERO);

    Standing standing = pool.standings().get(0);
    assertThat(standing.inFlight()).isZero();
    assertThat(standing.failures()).isZero();
    assertThat(standing.lastError()).isEmpty();
  }

  @Test
  void a_change_of_weight_counts_from_the_next_pick_and_nobody_starts_over() {
    pool.replace(List.of(upstream("a", 1), upstream("b", 1)));
    assertThat(picks(1)).isEqualTo("a");

    pool.replace(List.of(upstream("a", 1), upstream("b", 3)));

    assertThat(picks(1)).isEqualTo("b");
    assertThat(picks(40).chars().filter(c -> c == 'b').count()).isEqualTo(30);
  }

  @Test
  void a_server_error_is_an_answer_and_no_failure() {
    pool.replace(List.of(upstream("a", 1)));

    for (int i = 0; i < 10; i++) {
      balancer.pick(ANY, Set.of()).orElseThrow().answered(502, Duration.ofMillis(5));
    }

    assertThat(pool.standings().get(0).health()).isEqualTo(Health.UNCHECKED);
    assertThat(pool.standings().get(0).failures()).isZero();
  }

  private String picks(int count) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < count; i++) {
      Pick pick = balancer.pick(ANY, Set.<URI>of()).orElseThrow();
      names.append(name(pick.upstream()));
      pick.answered(200, Duration.ZERO);
    }
    return names.toString();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Nested
  class Contract extends BalancerContract {
    @Override
    protected Balancer balancer(List<Upstream> backends) {
      Pool members = new Pool(HealthCheck.DEFAULT);
      members.replace(backends);
      return PoolBalancer.weightedRoundRobin(members);
    }
  }
}

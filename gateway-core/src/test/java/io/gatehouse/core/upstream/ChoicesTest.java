package io.gatehouse.core.upstream;

import static io.gatehouse.core.upstream.Upstreams.ANY;
import static io.gatehouse.core.upstream.Upstreams.name;
import static io.gatehouse.core.upstream.Upstreams.request;
import static io.gatehouse.core.upstream.Upstreams.upstream;
import static io.gatehouse.core.upstream.Upstreams.uri;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.contract.BalancerContract;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the algorithms prefer, each with the kit that all of them pass. Smooth round robin has a test of its own. */
class ChoicesTest {

  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - SECOND);
  private final Pool pool = new Pool(PoolRules.DEFAULT, InstantSource.system(), nanos::get);

  @Nested
  class Least {

    private final PoolBalancer balancer = PoolBalancer.leastRequest(pool);

    @Test
    void an_idle_pool_takes_turns_by_weight() {
      pool.replace(List.of(upstream("a", 5), upstream("b", 1), upstream("c", 1)));

      StringBuilder names = new StringBuilder();
      for (int i = 0; i < 14; i++) {
        Pick pick = pick(balancer);
        names.append(name(pick.upstream()));
        pick.answered(200, Duration.ZERO);
      }

      assertThat(names.toString()).isEqualTo("aabacaa".repeat(2));
    }

    @Test
    void a_backend_that_holds_its_requests_gets_no_more_until_others_hold_as_many() {
      pool.replace(List.of(upstream("a", 1), upstream("b", 1)));
      List<Pick> slow = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Pick pick = pick(balancer);
        if (name(pick.upstream()).equals("a")) {
          slow.add(pick);
        } else {
          pick.answered(200, Duration.ZERO);
        }
      }

      assertThat(slow).hasSize(1);
      for (int i = 0; i < 20; i++) {
        Pick pick = pick(balancer);
        assertThat(name(pick.upstream())).isEqualTo("b");
        pick.answered(200, Duration.ZERO);
      }
    }

    @Test
    void what_many_threads_hold_is_exactly_by_weight() throws Exception {
      pool.replace(List.of(upstream("a", 70), upstream("b", 30), upstream("c", 10)));

      Map<String, Long> held = new Crew(8, 110).hold(balancer);

      assertThat(held).isEqualTo(Map.of("a", 560L, "b", 240L, "c", 80L));
    }

    @Nested
    class Contract extends BalancerContract {
      @Override
      protected Balancer balancer(List<Upstream> backends) {
        return PoolBalancer.leastRequest(poolOf(backends));
      }
    }
  }

  @Nested
  class Power {

    @Test
    void the_busier_of_the_two_that_are_drawn_is_never_taken() {
      pool.replace(List.of(upstream("a", 1), upstream("b", 1), upstream("c", 1)));
      PoolBalancer balancer = PoolBalancer.powerOfTwo(pool, new SplittableRandom(1)::nextInt);
      for (int i = 0; i < 5; i++) {
        balancer.pick(ANY, Set.of(uri("b"), uri("c"))).orElseThrow();
      }

      for (int i = 0; i < 200; i++) {
        Pick pick = pick(balancer);
        assertThat(name(pick.upstream())).isNotEqualTo("a");
        pick.answered(200, Duration.ZERO);
      }
    }

    @Nested
    class Contract extends BalancerContract {
      @Override
      protected Balancer balancer(List<Upstream> backends) {
        return PoolBalancer.powerOfTwo(poolOf(backends));
      }
    }
  }

  @Nested
  class Ewma {

    private final PoolBalancer balancer = PoolBalancer.peakEwma(pool, new SplittableRandom(1)::nextInt);

    @Test
    void a_slow_backend_gets_little_and_is_tried_again_when_its_slowness_has_faded() {
      pool.replace(List.of(upstream("a", 1), upstream("b", 1)));
      for (int i = 0; i < 20; i++) {
        answer(name -> Duration.ofMillis(name.equals("a") ? 100 : 10));
      }

      assertThat(answers(100, name -> Duration.ofMillis(10))).containsOnlyKeys("b");

      nanos.addAndGet(40 * SECOND);
      answer(name -> Duration.ofMillis(10));
      assertThat(answers(200, name -> Duration.ofMillis(10)).get("a")).isGreaterThan(50);
    }

    @Test
    void whoever_is_outrun_is_taken_to_be_as_slow_as_it_was_seen_to_be_at_the_least() {
      PeakLatency latency = new PeakLatency();
      latency.atLeast(500, nanos.get());
      assertThat(latency.at(nanos.get())).isEqualTo(500);

      latency.observe(1000, nanos.get());
      latency.atLeast(500, nanos.get());
      assertThat(latency.at(nanos.get())).as("that tells nothing new").isEqualTo(1000);

      latency.atLeast(2000, nanos.get());
      assertThat(latency.at(nanos.get())).isEqualTo(2000);
    }

    @Test
    void one_long_answer_is_believed_at_once_and_short_ones_little_by_little() {
      PeakLatency latency = new PeakLatency();
      latency.observe(10, nanos.get());
      latency.observe(1000, nanos.get());
      assertThat(latency.at(nanos.get())).isEqualTo(1000);

      nanos.addAndGet(SECOND);
      latency.observe(10, nanos.get());

      assertThat(latency.at(nanos.get())).isBetween(850.0, 950.0);
    }

    @Test
    void a_backend_that_fails_fast_does_not_look_fast() {
      pool.replace(List.of(upstream("a", 1), upstream("b", 1)));
      for (int i = 0; i < 20; i++) {
        Pick pick = pick(balancer);
        boolean fails = name(pick.upstream()).equals("a");
        pick.begins(fails ? 500 : 200, Duration.ofMillis(fails ? 1 : 50));
        pick.answered(fails ? 500 : 200, Duration.ofMillis(fails ? 1 : 50));
      }

      assertThat(answers(100, name -> Duration.ofMillis(50))).containsOnlyKeys("b");
    }

    private Map<String, Integer> answers(int count, Function<String, Duration> takes) {
      Map<String, Integer> counts = new HashMap<>();
      for (int i = 0; i < count; i++) {
        counts.merge(answer(takes), 1, Integer::sum);
      }
      return counts;
    }

    private String answer(Function<String, Duration> takes) {
      Pick pick = pick(balancer);
      String name = name(pick.upstream());
      pick.begins(200, takes.apply(name));
      pick.answered(200, takes.apply(name));
      return name;
    }

    @Nested
    class Contract extends BalancerContract {
      @Override
      protected Balancer balancer(List<Upstream> backends) {
        return PoolBalancer.peakEwma(poolOf(backends));
      }
    }
  }

  @Nested
  class Hashed {

    private final PoolBalancer balancer = PoolBalancer.rendezvous(pool, HashKey.PATH);

    @Test
    void the_same_key_goes_to_the_same_backend_and_a_lost_backend_moves_only_its_own_keys() {
      pool.replace(List.of(upstream("a", 1), upstream("b", 1), upstream("c", 1)));
      Map<Integer, String> before = homes();
      assertThat(homes()).isEqualTo(before);

      pool.replace(List.of(upstream("a", 1), upstream("c", 1)));

      homes().forEach((key, home) -> {
        if (!before.get(key).equals("b")) {
          assertThat(home).isEqualTo(before.get(key));
        }
      });
    }

    @Test
    void a_key_that_everybody_asks_for_spills_over_to_others_within_the_bound() {
      pool.replace(List.of(upstream("a", 1), upstream("b", 1), upstream("c", 1), upstream("d", 1)));

      Map<String, Integer> held = new HashMap<>();
      for (int i = 0; i < 400; i++) {
        held.merge(name(balancer.pick(request("/hot"), Set.of()).orElseThrow().upstream()), 1, Integer::sum);
      }

      assertThat(held.values()).allMatch(count -> count <= 125);
    }

    @Test
    void all_sizes_of_a_picture_have_one_source() {
      assertThat(HashKey.SOURCE.of(request("/sig/rs:fit:300:200/q:80/plain/http://o/a.jpg@png?x=1")))
          .isEqualTo(HashKey.SOURCE.of(request("/gis/w:10/plain/http://o/a.jpg@webp")))
          .isEqualTo("http://o/a.jpg");
      assertThat(HashKey.SOURCE.of(request("/sig/rs:fit:300:200/q:80/aHR0cDovL28/YS5qcGc.png")))
          .isEqualTo(HashKey.SOURCE.of(request("/gis/aHR0cDovL28/YS5qcGc")))
          .isEqualTo("aHR0cDovL28/YS5qcGc");
      assertThat(HashKey.SOURCE.of(request("/health"))).isEqualTo("/health");
      assertThat(HashKey.SOURCE.of(request("/"))).isEqualTo("/");
      assertThat(HashKey.SOURCE.of(request("/sig/"))).isEmpty();
    }

    @Test
    void other_keys_are_a_field_and_the_address() {
      assertThat(HashKey.header("X-Any").of(ANY)).isEmpty();
      assertThat(HashKey.ADDRESS.of(ANY)).isEqualTo("127.0.0.1");
    }

    private Map<Integer, String> homes() {
      Map<Integer, String> homes = new HashMap<>();
      for (int i = 0; i < 300; i++) {
        Pick pick = balancer.pick(request("/image/" + i + "?any=" + homes.size()), Set.of()).orElseThrow();
        homes.put(i, name(pick.upstream()));
        pick.answered(200, Duration.ZERO);
      }
      return homes;
    }

    @Nested
    class Contract extends BalancerContract {
      @Override
      protected Balancer balancer(List<Upstream> backends) {
        return PoolBalancer.rendezvous(poolOf(backends), HashKey.PATH);
      }
    }
  }

  /** Threads that start together, each of which picks so many and keeps them. */
  private record Crew(int threads, int each) {

    Map<String, Long> hold(Balancer balancer) throws InterruptedException {
      Queue<Pick> held = new ConcurrentLinkedQueue<>();
      CountDownLatch go = new CountDownLatch(1);
      List<Thread> crew = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Thread thread = new Thread(() -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            return;
          }
          for (int n = 0; n < each; n++) {
            held.add(pick(balancer));
          }
        });
        crew.add(thread);
        thread.start();
      }
      go.countDown();
      for (Thread thread : crew) {
        thread.join();
      }
      return held.stream().collect(Collectors.groupingBy(pick -> name(pick.upstream()), Collectors.counting()));
    }
  }

  private static Pick pick(Balancer balancer) {
    return balancer.pick(ANY, Set.of()).orElseThrow();
  }

  private static Pool poolOf(List<Upstream> backends) {
    Pool members = new Pool(PoolRules.DEFAULT);
    members.replace(backends);
    return members;
  }
}

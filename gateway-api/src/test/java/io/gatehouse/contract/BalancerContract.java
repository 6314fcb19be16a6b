package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Inbound;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link Balancer} keeps, however it chooses; which backend it prefers is its own matter. */
public abstract class BalancerContract {

  private static final Upstream A = backend("a", 70, Upstream.State.ENABLED);
  private static final Upstream B = backend("b", 30, Upstream.State.ENABLED);
  private static final Upstream C = backend("c", 10, Upstream.State.ENABLED);
  private static final Upstream DRAINING = backend("d", 100, Upstream.State.DRAINING);

  /** A balancer over these backends, all of them healthy. Called once by each test. */
  protected abstract Balancer balancer(List<Upstream> backends);

  @Test
  void a_single_backend_is_picked_whole() {
    Balancer balancer = balancer(List.of(A));

    Pick pick = balancer.pick(request(), Set.of()).orElseThrow();

    assertThat(pick.upstream()).isEqualTo(A);
    pick.answered(200, Duration.ofMillis(5));
  }

  @Test
  void every_backend_is_picked_sooner_or_later() {
    Balancer balancer = balancer(List.of(A, B, C));

    Set<Upstream> seen = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      Pick pick = balancer.pick(request("/image/" + i), Set.of()).orElseThrow();
      seen.add(pick.upstream());
      pick.answered(200, Duration.ofMillis(5));
    }

    assertThat(seen).containsExactlyInAnyOrder(A, B, C);
  }

  @Test
  void what_was_tried_is_not_picked_again_and_when_all_were_tried_there_is_none() {
    Balancer balancer = balancer(List.of(A, B, C));

    for (int i = 0; i < 50; i++) {
      Set<URI> tried = new HashSet<>();
      for (int attempt = 0; attempt < 3; attempt++) {
        Pick pick = balancer.pick(request(), Set.copyOf(tried)).orElseThrow();
        assertThat(tried.add(pick.upstream().uri())).isTrue();
        pick.abandoned();
      }
      assertThat(balancer.pick(request(), tried)).isEmpty();
    }
  }

  @Test
  void a_tried_backend_that_is_unknown_changes_nothing() {
    Balancer balancer = balancer(List.of(A));

    Optional<Pick> pick = balancer.pick(request(), Set.of(URI.create("http://gone.test:80")));

    assertThat(pick).hasValueSatisfying(found -> assertThat(found.upstream()).isEqualTo(A));
    pick.orElseThrow().abandoned();
  }

  @Test
  void a_draining_backend_gets_no_new_request() {
    Balancer balancer = balancer(List.of(DRAINING, C));

    for (int i = 0; i < 200; i++) {
      Pick pick = balancer.pick(request("/image/" + i), Set.of()).orElseThrow();
      assertThat(pick.upstream()).isEqualTo(C);
      pick.answered(200, Duration.ofMillis(5));
    }
    assertThat(balancer.pick(request(), Set.of(C.uri()))).isEmpty();
  }

  @Test
  void with_no_backend_there_is_no_pick() {
    assertThat(balancer(List.of()).pick(request(), Set.of())).isEmpty();
  }

  @Test
  void the_first_verb_counts_and_later_ones_do_nothing() {
    Balancer balancer = balancer(List.of(A, B));

    for (int i = 0; i < 100; i++) {
      Pick pick = balancer.pick(request(), Set.of()).orElseThrow();
      pick.answered(200, Duration.ofMillis(5));
      for (int again = 0; again < 5; again++) {
        pick.failed(new IOException("too late to count"));
        pick.answered(500, Duration.ofSeconds(50));
        pick.abandoned();
      }
    }

    // Had the later failures counted, a balancer that watches would have nothing left to pick.
    Set<URI> picked = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      Pick pick = balancer.pick(request(), Set.copyOf(picked)).orElseThrow();
      picked.add(pick.upstream().uri());
      pick.abandoned();
    }
    assertThat(picked).containsExactlyInAnyOrder(A.uri(), B.uri());
  }

  @Test
  void many_threads_pick_and_report_at_once_and_always_get_an_untried_backend() {
    Balancer balancer = balancer(List.of(A, B, C, DRAINING));

    long picks = Crowd.sum(8, 500, (thread, round) -> {
      Pick first = balancer.pick(request("/" + thread + "/" + round), Set.of()).orElseThrow();
      Pick second = balancer.pick(request(), Set.of(first.upstream().uri())).orElseThrow();
      assertThat(second.upstream()).isNotEqualTo(first.upstream()).isNotEqualTo(DRAINING);
      first.answered(200, Duration.ofMillis(1));
      second.abandoned();
      return 2;
    });

    assertThat(picks).isEqualTo(8 * 500 * 2);
  }

  @Test
  void requests_that_are_over_at_once_are_shared_by_weight() {
    Balancer balancer = balancer(List.of(A, B, C));

    Map<URI, Integer> shares = new HashMap<>();
    for (int i = 0; i < 11_000; i++) {
      Pick pick = balancer.pick(request("/image/" + i), Set.of()).orElseThrow();
      shares.merge(pick.upstream().uri(), 1, Integer::sum);
      pick.begins(200, Duration.ofMillis(5));
      pick.answered(200, Duration.ofMillis(5));
    }

    // Chance may be part of a choice: six standard deviations are about 300.
    assertThat(shares.get(A.uri())).isBetween(6700, 7300);
    assertThat(shares.get(B.uri())).isBetween(2700, 3300);
    assertThat(shares.get(C.uri())).isBetween(800, 1200);
  }

  @Test
  void requests_that_many_threads_hold_at_once_are_shared_by_weight_too() {
    Balancer balancer = balancer(List.of(A, B, C));
    Map<URI, AtomicInteger> held = new ConcurrentHashMap<>();
    Queue<Pick> picks = new ConcurrentLinkedQueue<>();

    Crowd.sum(8, 55, (thread, round) -> {
      Pick pick = balancer.pick(request("/" + thread + "/" + round), Set.of()).orElseThrow();
      picks.add(pick);
      return held.computeIfAbsent(pick.upstream().uri(), any -> new AtomicInteger()).incrementAndGet();
    });

    assertThat(held.get(A.uri()).get()).isBetween(200, 340);
    assertThat(held.get(B.uri()).get()).isBetween(75, 170);
    assertThat(held.get(C.uri()).get()).isBetween(15, 80);
    picks.forEach(Pick::abandoned);
  }

  @Test
  void no_pick_is_lost_before_anything_was_heard_of_it_and_429_sends_elsewhere() {
    Balancer balancer = balancer(List.of(A, B));

    Pick pick = balancer.pick(request(), Set.of()).orElseThrow();

    assertThat(pick.lost()).isFalse();
    assertThat(pick.begins(429, Duration.ofMillis(1))).isTrue();
    pick.answered(429, Duration.ofMillis(1));
    Pick next = balancer.pick(request(), Set.of()).orElseThrow();
    assertThat(next.begins(404, Duration.ofMillis(1))).isFalse();
    next.answered(404, Duration.ofMillis(1));
    assertThat(balancer.retryAfter()).isPositive();
  }

  private static Upstream backend(String host, int weight, Upstream.State state) {
    return new Upstream(URI.create("http://" + host + ".test:8080"), weight, state, Duration.ofSeconds(30));
  }

  private static Inbound request() {
    return request("/");
  }

  private static Inbound request(String target) {
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
}

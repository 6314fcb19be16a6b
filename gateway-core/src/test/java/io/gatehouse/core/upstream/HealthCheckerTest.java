package io.gatehouse.core.upstream;

import static io.gatehouse.core.upstream.Upstreams.ANY;
import static io.gatehouse.core.upstream.Upstreams.upstream;
import static io.gatehouse.core.upstream.Upstreams.uri;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream.State;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Timelines on a clock that is set. Jitter is held at its middle, so that intervals are what the settings
 * say.
 */
class HealthCheckerTest {

  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong nanos = new AtomicLong();
  private final Map<URI, String> sick = new HashMap<>();
  private final List<String> probes = new ArrayList<>();
  private long startNanos;
  private final Pool pool =
      new Pool(PoolRules.DEFAULT, () -> Instant.ofEpochSecond(0, nanos.get() - startNanos), nanos::get);
  private final PoolBalancer balancer = PoolBalancer.weightedRoundRobin(pool);
  private final HealthChecker checker = new HealthChecker(pool, this::probe, this::render, Runnable::run, () -> 0.5);

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - SECOND, -5 * SECOND})
  void a_new_backend_is_probed_at_once_and_then_at_its_own_interval(long start) {
    nanos.set(start);
    startNanos = start;
    pool.replace(List.of(upstream("a", 1)));

    runFor(61);

    assertThat(probes).containsExactly("0 a", "30 a", "60 a");
    assertThat(standing().health()).isEqualTo(Health.HEALTHY);
  }

  @Test
  void a_backend_is_usable_before_its_first_probe() {
    pool.replace(List.of(upstream("a", 1)));

    assertThat(standing().health()).isEqualTo(Health.UNCHECKED);
    assertThat(standing().usable()).isTrue();
  }

  @Test
  void three_failed_probes_take_a_backend_out_and_two_good_ones_bring_it_back() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(29);
    sick.put(uri("a"), "answered 500");

    runFor(3);
    assertThat(probes).containsExactly("0 a", "30 a", "31 a");
    assertThat(standing().health()).isEqualTo(Health.HEALTHY);

    runFor(1);
    assertThat(standing().health()).isEqualTo(Health.UNHEALTHY);
    assertThat(standing().since()).isEqualTo(Instant.ofEpochSecond(32));
    assertThat(standing().lastError()).contains("answered 500");
    assertThat(balancer.pick(ANY, Set.of())).isEmpty();

    sick.clear();
    runFor(1);
    assertThat(standing().health()).isEqualTo(Health.UNHEALTHY);
    runFor(1);
    assertThat(standing().health()).isEqualTo(Health.HEALTHY);
    assertThat(standing().since()).isEqualTo(Instant.ofEpochSecond(34));

    probes.clear();
    runFor(31);
    assertThat(probes).containsExactly("64 a");
  }

  @Test
  void one_good_probe_between_bad_ones_starts_the_count_again() {
    pool.replace(List.of(upstream("a", 1)));
    sick.put(uri("a"), "answered 500");
    runFor(2);
    sick.clear();
    runFor(1);
    sick.put(uri("a"), "answered 500");

    runFor(31);

    assertThat(standing().health()).isEqualTo(Health.HEALTHY);
    assertThat(standing().failures()).isEqualTo(2);
  }

  @Test
  void another_check_is_tried_at_once_and_the_same_is_not() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(5);

    pool.become(PoolRules.DEFAULT.with(pool.check()).withPanicThreshold(50));
    checker.tick();
    assertThat(probes).containsExactly("0 a");

    pool.become(PoolRules.DEFAULT.with(new HealthCheck("/health", Duration.ofSeconds(2), Duration.ofSeconds(1), 9, 2)));
    checker.tick();
    assertThat(probes).containsExactly("0 a", "5 a");
  }

  @Test
  void a_backend_that_is_to_be_probed_more_often_does_not_wait_for_what_was_planned() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(5);

    pool.replace(List.of(new Upstream(uri("a"), 1, Upstream.State.ENABLED, Duration.ofSeconds(3))));
    runFor(4);

    assertThat(probes).containsExactly("0 a", "8 a");
  }

  @Test
  void a_failed_request_has_the_backend_probed_at_once() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(5);
    sick.put(uri("a"), "refused");

    balancer.pick(ANY, Set.of()).orElseThrow().failed(new IOException("reset"));
    checker.tick();

    assertThat(probes).containsExactly("0 a", "5 a");
    assertThat(standing().failures()).isEqualTo(2);
    assertThat(standing().lastError()).contains("refused");
  }

  @Test
  void three_failed_requests_take_a_backend_out_without_any_probe() {
    pool.replace(List.of(upstream("a", 1), upstream("b", 1)));
    runFor(1);

    for (int i = 0; i < 3; i++) {
      balancer.pick(ANY, Set.of(uri("b"))).orElseThrow().failed(new IOException("refused"));
    }

    assertThat(standing().health()).isEqualTo(Health.UNHEALTHY);
    assertThat(standing().lastError()).contains("IOException: refused");
    assertThat(balancer.pick(ANY, Set.of()).orElseThrow().upstream().uri()).isEqualTo(uri("b"));
  }

  @Test
  void an_answer_between_failed_requests_starts_the_count_again() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(1);

    for (int i = 0; i < 10; i++) {
      balancer.pick(ANY, Set.of()).orElseThrow().failed(new IOException("reset"));
      balancer.pick(ANY, Set.of()).orElseThrow().answered(200, Duration.ofMillis(1));
    }

    assertThat(standing().health()).isEqualTo(Health.HEALTHY);
  }

  @Test
  void requests_that_began_before_a_recovery_do_not_speak_against_it() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(1);
    List<Pick> hung = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      hung.add(balancer.pick(ANY, Set.of()).orElseThrow());
    }
    sick.put(uri("a"), "timed out");
    runFor(5);
    assertThat(standing().health()).isEqualTo(Health.UNHEALTHY);
    sick.clear();
    runFor(3);
    assertThat(standing().health()).isEqualTo(Health.HEALTHY);

    hung.forEach(pick -> pick.failed(new IOException("timed out")));

    assertThat(standing().health()).isEqualTo(Health.HEALTHY);
    assertThat(standing().inFlight()).isZero();
  }

  @Test
  void a_backend_that_holds_requests_and_answers_none_is_probed_at_the_fast_interval() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(5);
    probes.clear();

    Pick pick = balancer.pick(ANY, Set.of()).orElseThrow();
    runFor(3);
    pick.answered(200, Duration.ofSeconds(3));
    runFor(10);

    assertThat(probes).containsExactly("6 a", "7 a");
  }

  @Test
  void a_backend_that_is_outrun_again_and_again_is_not_blamed_but_probed_at_the_fast_interval() {
    pool.replace(List.of(upstream("a", 1)));
    runFor(5);
    probes.clear();

    for (int i = 0; i < 35; i++) {
      Pick pick = balancer.pick(ANY, Set.of()).orElseThrow();
      step();
      pick.outrun(Duration.ofMillis(100));
    }

    assertThat(standing().failures()).isZero();
    assertThat(standing().inFlight()).isZero();
    assertThat(probes).hasSize(3);
    balancer.pick(ANY, Set.of()).orElseThrow().answered(200, Duration.ofMillis(1));
    probes.clear();
    runFor(3);
    assertThat(probes).as("it has answered").isEmpty();
  }

  @Test
  void one_that_was_outrun_because_it_is_dead_is_found_out_by_probes_alone() {
    pool.replace(List.of(upstream("a", 1), upstream("b", 1)));
    runFor(5);
    sick.put(uri("a"), "timed out");

    for (int i = 0; i < 60 && standing().usable(); i++) {
      Pick pick = balancer.pick(ANY, Set.of(uri("b"))).orElseThrow();
      step();
      pick.outrun(Duration.ofMillis(100));
    }

    assertThat(standing().health()).isEqualTo(Health.UNHEALTHY);
  }

  @Test
  void health_outlives_a_change_of_weight_and_state_but_not_removal() {
    pool.replace(List.of(upstream("a", 1)));
    sick.put(uri("a"), "refused");
    runFor(3);

    pool.replace(List.of(upstream("a", 50, State.DRAINING)));
    assertThat(standing().health()).isEqualTo(Health.UNHEALTHY);
    assertThat(standing().upstream().weight()).isEqualTo(50);

    pool.replace(List.of());
    pool.replace(List.of(upstream("a", 50)));
    assertThat(standing().health()).isEqualTo(Health.UNCHECKED);
  }

  @Test
  void a_backend_that_drains_is_still_probed() {
    pool.replace(List.of(upstream("a", 1, State.DRAINING)));

    runFor(31);

    assertThat(probes).containsExactly("0 a", "30 a");
  }

  @Test
  void a_probe_that_breaks_is_a_failure() {
    HealthChecker broken = new HealthChecker(pool, (target, timeout) -> {
      throw new IllegalStateException("bug");
    }, this::render, Runnable::run, () -> 0.5);
    pool.replace(List.of(upstream("a", 1)));

    broken.tick();

    assertThat(standing().failures()).isEqualTo(1);
    assertThat(standing().lastError()).contains("java.lang.IllegalStateException: bug");
  }

  private Standing standing() {
    return pool.standings().get(0);
  }

  /** Lets time pass in steps of a tenth of a second, asking what is due at each. */
  private void runFor(int seconds) {
    for (int i = 0; i < seconds * 10; i++) {
      step();
    }
  }

  private void step() {
    checker.tick();
    nanos.addAndGet(SECOND / 10);
  }

  private void render(URI target, Duration timeout) {
    throw new AssertionError("no picture was to be asked for");
  }

  private void probe(URI target, Duration timeout) throws IOException {
    assertThat(target.getPath()).isEqualTo("/health");
    assertThat(timeout).as("less in doubt").isIn(Duration.ofSeconds(2), Duration.ofSeconds(1));
    probes.add((nanos.get() - startNanos) / SECOND + " " + target.getHost());
    String error = sick.get(URI.create(target.getScheme() + "://" + target.getAuthority()));
    if (error != null) {
      throw new IOException(error);
    }
  }
}

package io.gatehouse.core.upstream;

import static io.gatehouse.core.upstream.Upstreams.ANY;
import static io.gatehouse.core.upstream.Upstreams.name;
import static io.gatehouse.core.upstream.Upstreams.upstream;
import static io.gatehouse.core.upstream.Upstreams.uri;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.core.upstream.CircuitBreaker.State;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ejections, breakers, slow start, panic and hung backends, on a clock that is set. */
class EjectionTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Duration SOON = Duration.ofMillis(5);

  private final AtomicLong nanos = new AtomicLong(-5 * SECOND);
  private Pool pool;
  private PoolBalancer balancer;

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - SECOND, -5 * SECOND})
  void five_faults_in_a_row_eject_for_thirty_seconds_and_the_next_time_for_sixty(long start) {
    nanos.set(start);
    pool(PoolRules.DEFAULT, "a", "b");

    faults("a", 4);
    assertThat(standing("a").usable()).isTrue();
    faults("a", 1);
    assertThat(standing("a").breaker()).isEqualTo(State.OPEN);
    assertThat(standing("a").usable()).isFalse();
    assertThat(standing("a").lastError()).contains("answered 500");
    assertThat(standing("a").ejectedUntil()).contains(now().plusSeconds(30));
    assertThat(picked(20)).containsOnly("b");

    pass(30);
    assertThat(standing("a").breaker()).isEqualTo(State.HALF_OPEN);
    faults("a", 1);
    assertThat(standing("a").ejectedUntil()).contains(now().plusSeconds(60));

    pass(60);
    to("a").answered(200, SOON);
    assertThat(standing("a").breaker()).isEqualTo(State.CLOSED);
  }

  @Test
  void ejections_grow_to_their_maximum_and_shrink_again_in_calm_times() {
    pool(PoolRules.DEFAULT, "a", "b");
    faults("a", 5);
    for (int i = 2; i <= 20; i++) {
      pass(300);
      faults("a", 1);
    }
    assertThat(standing("a").ejectedUntil()).contains(now().plusSeconds(300));

    pass(300);
    to("a").answered(200, SOON);
    pass(18 * 30);
    faults("a", 5);

    assertThat(standing("a").ejectedUntil()).contains(now().plusSeconds(90));
  }

  @Test
  void a_good_answer_between_faults_starts_the_count_again_and_one_that_says_nothing_does_not() {
    pool(PoolRules.DEFAULT, "a", "b");

    faults("a", 4);
    to("a").answered(200, SOON);
    faults("a", 4);
    assertThat(standing("a").usable()).isTrue();

    to("a").answered(404, SOON);
    faults("a", 1);
    assertThat(standing("a").usable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404, 422, 429, 499, 502, 504})
  void what_imgproxy_says_of_a_source_never_ejects(int status) {
    pool(PoolRules.DEFAULT, "a", "b");

    for (int i = 0; i < 1000; i++) {
      Pick pick = to("a");
      assertThat(pick.begins(status, SOON)).isEqualTo(status == 429);
      pick.answered(status, SOON);
    }

    assertThat(standing("a").usable()).isTrue();
    assertThat(standing("a").failures()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "200,5,WELL,WELL", "304,5,WELL,WELL", "404,5,NOTHING,WELL", "422,5,NOTHING,WELL", "429,5,FULL,FULL",
    "499,5,NOTHING,WELL", "500,5,FAULT,NOTHING", "502,5,NOTHING,FAULT", "503,5,FAULT,FAULT",
    "503,10000,NOTHING,FAULT", "504,5000,NOTHING,FAULT"
  })
  void answers_are_read_by_who_gives_them(int status, long millis, Verdict imgproxy, Verdict http) {
    assertThat(AnswerRule.IMGPROXY.verdict(status, Duration.ofMillis(millis))).isEqualTo(imgproxy);
    assertThat(AnswerRule.HTTP.verdict(status, Duration.ofMillis(millis))).isEqualTo(http);
  }

  @Test
  void no_more_than_the_share_is_ejected_and_never_the_last_of_use() {
    pool(PoolRules.DEFAULT, "a", "b", "c", "d");
    faults("a", 5);
    faults("b", 5);
    faults("c", 50);
    assertThat(standing("c").usable()).isTrue();

    pool(PoolRules.DEFAULT.with(outliers(100)), "a", "b");
    faults("a", 5);
    faults("b", 50);
    assertThat(standing("b").usable()).isTrue();
    assertThat(picked(5)).containsOnly("b");
  }

  @Test
  void a_half_open_backend_gets_three_requests_at_once() {
    pool(PoolRules.DEFAULT, "a", "b");
    faults("a", 5);
    pass(30);

    List<Pick> trials = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      trials.add(to("a"));
    }
    assertThat(balancer.pick(ANY, Set.of(uri("b")))).isEmpty();
    trials.get(0).abandoned();
    trials.get(1).answered(429, SOON);
    assertThat(standing("a").breaker()).isEqualTo(State.HALF_OPEN);

    trials.get(2).answered(404, SOON);

    assertThat(standing("a").breaker()).isEqualTo(State.CLOSED);
    assertThat(standing("a").inFlight()).isZero();
  }

  @Test
  void what_was_asked_before_an_ejection_does_not_end_it() {
    pool(PoolRules.DEFAULT, "a", "b");
    Pick before = to("a");
    faults("a", 5);
    pass(31);

    before.answered(200, SOON);

    assertThat(standing("a").breaker()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void a_backend_that_fails_between_good_probes_is_ejected_in_the_end() {
    pool(PoolRules.DEFAULT, "a", "b");

    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 3 && standing("a").usable(); i++) {
        to("a").failed(new IOException("reset"));
      }
      if (round == 0) {
        assertThat(standing("a").health()).isEqualTo(Health.UNHEALTHY);
        probe("a", null, 2);
        assertThat(standing("a").health()).isEqualTo(Health.HEALTHY);
      }
    }

    assertThat(standing("a").breaker()).isEqualTo(State.OPEN);
  }

  @Test
  void a_backend_that_is_full_gets_no_more() {
    pool(PoolRules.DEFAULT.with(new CircuitBreaker(2, 1, 0, 20, Duration.ofSeconds(5))), "a");

    Pick first = to("a");
    to("a");
    assertThat(balancer.pick(ANY, Set.of())).isEmpty();

    first.answered(200, SOON);
    assertThat(balancer.pick(ANY, Set.of())).isPresent();
  }

  @Test
  void the_breaker_of_the_pool_opens_at_its_share_and_a_trial_closes_it() {
    pool(PoolRules.DEFAULT.with(outliers(0)).with(new CircuitBreaker(1024, 1, 50, 20, Duration.ofSeconds(5))),
        "a", "b");
    for (int i = 0; i < 10; i++) {
      to("a").answered(200, SOON);
    }
    faults("b", 9);
    assertThat(pool.breakerState()).isEqualTo(State.CLOSED);
    faults("b", 1);
    assertThat(pool.breakerState()).isEqualTo(State.OPEN);
    assertThat(balancer.pick(ANY, Set.of())).isEmpty();
    assertThat(balancer.retryAfter()).isEqualTo(Duration.ofSeconds(5));

    pass(5);
    assertThat(pool.breakerState()).isEqualTo(State.HALF_OPEN);
    Pick trial = to("a");
    assertThat(balancer.pick(ANY, Set.of())).isEmpty();
    trial.answered(500, SOON);
    assertThat(pool.breakerState()).isEqualTo(State.OPEN);

    pass(5);
    assertThat(balancer.pick(ANY, Set.of(uri("a"), uri("b")))).as("a trial that finds nobody is given back").isEmpty();
    to("a").answered(200, SOON);
    assertThat(pool.breakerState()).isEqualTo(State.CLOSED);
    assertThat(balancer.retryAfter()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void faults_that_are_ten_seconds_old_do_not_count_for_the_breaker_of_the_pool() {
    pool(PoolRules.DEFAULT.with(outliers(0)).with(new CircuitBreaker(1024, 1, 50, 20, Duration.ofSeconds(5))), "a");
    faults("a", 19);

    pass(10);
    faults("a", 19);

    assertThat(pool.breakerState()).isEqualTo(State.CLOSED);
  }

  @Test
  void the_share_of_a_backend_that_is_back_grows_from_a_tenth_to_its_weight() {
    pool(PoolRules.DEFAULT.withSlowStart(Duration.ofSeconds(100)), "a", "b");
    assertThat(standing("a").share()).as("not at the start of the pool").isEqualTo(100);
    for (int i = 0; i < 3; i++) {
      to("a").failed(new IOException("refused"));
    }
    probe("a", null, 2);

    assertThat(standing("a").share()).isEqualTo(10);
    assertThat(picked(110)).filteredOn("a"::equals).hasSize(10);
    pass(50);
    assertThat(picked(150)).filteredOn("a"::equals).hasSize(50);
    pass(50);
    assertThat(picked(100)).filteredOn("a"::equals).hasSize(50);
  }

  @Test
  void a_backend_that_is_added_starts_slowly_too() {
    pool(PoolRules.DEFAULT.withSlowStart(Duration.ofSeconds(100)), "a");

    pool.replace(List.of(upstream("a", 1), upstream("b", 1)));

    assertThat(standing("b").share()).isEqualTo(10);
  }

  @Test
  void in_panic_all_that_is_enabled_is_used() {
    pool(PoolRules.DEFAULT.withPanicThreshold(50), "a", "b", "c");
    fail("a");
    assertThat(picked(20)).containsOnly("b", "c");

    fail("b");
    assertThat(picked(20)).containsOnly("a", "b", "c");

    pool.replace(List.of(upstream("a", 1), upstream("b", 1, Upstream.State.DRAINING), upstream("c", 1)));
    assertThat(picked(20)).as("one of two is half").containsOnly("c");
  }

  @Test
  void a_backend_that_answers_neither_requests_nor_a_probe_is_out_after_two_seconds_and_its_requests_are_lost() {
    pool(PoolRules.DEFAULT, "a", "b");
    probe("a", null, 1);
    probe("b", null, 1);
    Pick hung = to("a");
    pass(1);
    Member member = member("a");
    assertThat(member.beginProbe(nanos.get())).isTrue();
    assertThat(member.probeTimeout(nanos.get())).isEqualTo(Duration.ofSeconds(1));
    pass(1);
    assertThat(hung.lost()).isFalse();

    member.probed("timed out", true, () -> 0.5);

    assertThat(standing("a").health()).isEqualTo(Health.UNHEALTHY);
    assertThat(standing("a").lastError()).contains("hung: answered neither 1 requests nor a probe");
    assertThat(hung.lost()).isTrue();
    assertThat(picked(5)).containsOnly("b");

    probe("a", null, 2);
    assertThat(hung.lost()).as("it woke up").isFalse();
    assertThat(to("a").lost()).isFalse();
  }

  @Test
  void a_backend_that_leaves_a_probe_but_not_its_requests_without_an_answer_is_not_hung() {
    pool(PoolRules.DEFAULT, "a", "b");
    Pick slow = to("a");
    pass(1);
    assertThat(member("a").beginProbe(nanos.get())).isTrue();
    pass(1);
    to("a").answered(200, SOON);

    member("a").probed("timed out", true, () -> 0.5);

    assertThat(standing("a").usable()).isTrue();
    assertThat(standing("a").failures()).isEqualTo(1);
    slow.abandoned();
  }

  @Test
  void the_last_of_use_has_all_its_failures_before_it_is_out() {
    pool(PoolRules.DEFAULT, "a");
    to("a");
    pass(1);
    assertThat(member("a").beginProbe(nanos.get())).isTrue();
    pass(1);

    member("a").probed("timed out", true, () -> 0.5);

    assertThat(standing("a").usable()).isTrue();
  }

  @Test
  void a_picture_that_is_asked_for_has_to_come() {
    HealthCheck check = new HealthCheck(
        "/health", Optional.of("/x/plain/local:///a.png"), Duration.ofSeconds(2), Duration.ofSeconds(1), 3, 2);
    pool(PoolRules.DEFAULT.with(check), "a");
    List<URI> asked = new ArrayList<>();
    HealthChecker checker = new HealthChecker(pool, (target, timeout) -> asked.add(target), (target, timeout) -> {
      asked.add(target);
      throw new SocketTimeoutException();
    }, Runnable::run, () -> 0.5);

    checker.tick();

    assertThat(asked).extracting(URI::getPath).containsExactly("/health", "/x/plain/local:///a.png");
    assertThat(standing("a").failures()).isEqualTo(1);
    assertThat(standing("a").lastError()).contains("SocketTimeoutException");
  }

  @Test
  void impossible_rules_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OutlierDetection(5, Duration.ofSeconds(9), Duration.ofSeconds(8), 50, AnswerRule.HTTP))
        .withMessage("maxEjection: PT8S (expected: no less than baseEjection, PT9S)");
    assertThatIllegalArgumentException().isThrownBy(() -> outliers(101))
        .withMessage("maxEjectedShare: 101 (expected: 0 to 100)");
    assertThatIllegalArgumentException().isThrownBy(() -> new CircuitBreaker(0, 1, 0, 1, SOON))
        .withMessage("maxRequests: 0 (expected: 1 or more)");
    assertThatIllegalArgumentException().isThrownBy(() -> PoolRules.DEFAULT.withPanicThreshold(-1))
        .withMessage("panicThreshold: -1 (expected: 0 to 100)");
    assertThatIllegalArgumentException().isThrownBy(() -> PoolRules.DEFAULT.withSlowStart(Duration.ofSeconds(-1)))
        .withMessage("slowStart: PT-1S (expected: zero or more)");
  }

  @Test
  void other_rules_hold_from_now_on_and_what_was_known_stays() {
    pool(PoolRules.DEFAULT, "a", "b");
    faults("a", 5);
    Optional<Instant> until = standing("a").ejectedUntil();
    faults("b", 1);
    Pick underWay = to("b");

    pool.become(PoolRules.DEFAULT.with(outliers(2)).with(new CircuitBreaker(2, 3, 0, 20, Duration.ofSeconds(5))));

    assertThat(standing("a").ejectedUntil()).isEqualTo(until).isPresent();
    assertThat(standing("b").inFlight()).isEqualTo(1);
    to("b");
    assertThat(balancer.pick(ANY, Set.of())).as("two at once are all").isEmpty();
    underWay.answered(500, SOON);
    assertThat(standing("b").usable()).as("the last one is never ejected").isTrue();
  }

  @Test
  void the_breaker_of_a_pool_that_is_to_have_none_closes() {
    pool(PoolRules.DEFAULT.with(outliers(0)).with(new CircuitBreaker(1024, 1, 50, 2, Duration.ofSeconds(5))), "a");
    faults("a", 2);
    assertThat(pool.breakerState()).isEqualTo(State.OPEN);

    pool.become(PoolRules.DEFAULT);

    assertThat(pool.breakerState()).isEqualTo(State.CLOSED);
    assertThat(picked(1)).containsExactly("a");
  }

  @Test
  void balancers_that_follow_each_other_go_on_with_the_turns_of_the_pool() {
    pool(PoolRules.DEFAULT, "a", "b", "c");
    assertThat(picked(2)).containsExactly("a", "b");

    balancer = PoolBalancer.weightedRoundRobin(pool);

    assertThat(picked(3)).containsExactly("c", "a", "b");
  }

  private void pool(PoolRules rules, String... names) {
    long start = nanos.get();
    pool = new Pool(rules, () -> Instant.ofEpochSecond(0, nanos.get() - start), nanos::get);
    balancer = PoolBalancer.weightedRoundRobin(pool);
    List<Upstream> upstreams = new ArrayList<>();
    for (String name : names) {
      upstreams.add(upstream(name, 1));
    }
    pool.replace(upstreams);
  }

  private static OutlierDetection outliers(int share) {
    return new OutlierDetection(
        share == 0 ? 0 : 5, Duration.ofSeconds(30), Duration.ofMinutes(5), share, AnswerRule.IMGPROXY);
  }

  private Instant now() {
    return pool.instants().instant();
  }

  private void pass(int seconds) {
    nanos.addAndGet(seconds * SECOND);
  }

  private Pick to(String name) {
    Set<URI> others = new HashSet<>();
    pool.members().stream().map(Member::uri).filter(other -> !other.equals(uri(name))).forEach(others::add);
    return balancer.pick(ANY, others).orElseThrow();
  }

  private void faults(String name, int count) {
    for (int i = 0; i < count; i++) {
      Pick pick = to(name);
      assertThat(pick.begins(500, SOON)).isTrue();
      pick.answered(500, SOON);
    }
  }

  private void fail(String name) {
    for (int i = 0; i < 3; i++) {
      to(name).failed(new IOException("refused"));
    }
  }

  private void probe(String name, String error, int times) {
    for (int i = 0; i < times; i++) {
      pass(2);
      assertThat(member(name).beginProbe(nanos.get())).isTrue();
      member(name).probed(error, false, () -> 0.5);
    }
  }

  private List<String> picked(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Pick pick = balancer.pick(ANY, Set.of()).orElseThrow();
      names.add(name(pick.upstream()));
      pick.abandoned();
    }
    return names;
  }

  private Member member(String name) {
    return pool.members().stream().filter(member -> member.uri().equals(uri(name))).findFirst().orElseThrow();
  }

  private Standing standing(String name) {
    return member(name).standing();
  }
}

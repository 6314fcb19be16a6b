package io.gatehouse.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Entitlement;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.core.WithoutPackages;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.metrics.Metrics.BackendRow;
import io.gatehouse.core.metrics.Metrics.Breaker;
import io.gatehouse.core.metrics.Metrics.PoolRow;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private final PrometheusMetrics metrics = Metrics.prometheus();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void the_request_log_shows_what_it_wrote_and_dropped_and_whether_it_has_room() {
    AtomicBoolean ready = new AtomicBoolean(true);
    metrics.watchRequestLog(() -> 7, () -> 3, ready::get);

    assertThat(value("gatehouse_request_log_written_total")).isEqualTo(7);
    assertThat(value("gatehouse_request_log_dropped_total")).isEqualTo(3);
    assertThat(value("gatehouse_request_log_ready")).isEqualTo(1);
    ready.set(false);
    assertThat(value("gatehouse_request_log_ready")).isZero();
  }

  @Test
  void requests_are_counted_by_how_they_ended_and_the_class_of_their_status() {
    metrics.completed(new AnyPassage(), outcome(200, Ending.ANSWERED));
    metrics.completed(new AnyPassage(), outcome(204, Ending.ANSWERED));
    metrics.completed(new AnyPassage(), outcome(404, Ending.ANSWERED));
    metrics.completed(new AnyPassage(), outcome(502, Ending.UNANSWERED));
    metrics.completed(new AnyPassage(), outcome(0, Ending.ABORTED));
    metrics.completed(new AnyPassage(), outcome(599, Ending.ABORTED));
    metrics.refused(new AnyPassage(), Refusal.of(Reason.KEY_MISSING, "No key."));

    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"-\",status=\"2xx\"}")).isEqualTo(2);
    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"-\",status=\"4xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"-\",status=\"5xx\"}")).isZero();
    assertThat(value("gatehouse_requests_total{outcome=\"unanswered\",route=\"-\",status=\"5xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"aborted\",route=\"-\",status=\"none\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"aborted\",route=\"-\",status=\"5xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"refused\",route=\"-\",status=\"none\"}")).isEqualTo(1);
  }

  @Test
  void durations_are_in_seconds_and_fall_into_buckets() {
    metrics.completed(new AnyPassage(), new Outcome(200, 0, 0, Duration.ofNanos(400_000), Ending.ANSWERED));
    metrics.completed(new AnyPassage(), new Outcome(200, 0, 0, Duration.ofMillis(30), Ending.ANSWERED));
    metrics.completed(new AnyPassage(), new Outcome(200, 0, 0, Duration.ofSeconds(20), Ending.ANSWERED));

    assertThat(bucket("5.0E-4")).isEqualTo(1);
    assertThat(bucket("0.025")).isEqualTo(1);
    assertThat(bucket("0.05")).isEqualTo(2);
    assertThat(bucket("10.0")).isEqualTo(2);
    assertThat(bucket("+Inf")).isEqualTo(3);
    assertThat(value("gatehouse_request_duration_seconds_sum{outcome=\"answered\",route=\"-\"}")).isEqualTo(20.0304);
    assertThat(value("gatehouse_request_duration_seconds_count{outcome=\"aborted\",route=\"-\"}")).isZero();
    assertThat(metrics.scrape().lines().filter(line -> line.contains("duration_seconds_bucket{outcome=\"answered\"")))
        .hasSize(15);
  }

  @Test
  void bytes_are_added_up() {
    metrics.completed(new AnyPassage(), new Outcome(200, 10, 1000, Duration.ZERO, Ending.ANSWERED));
    metrics.completed(new AnyPassage(), new Outcome(0, 5, 500, Duration.ZERO, Ending.ABORTED));

    assertThat(value("gatehouse_request_bytes_total{route=\"-\"}")).isEqualTo(15);
    assertThat(value("gatehouse_response_bytes_total{route=\"-\"}")).isEqualTo(1500);
  }

  @Test
  void a_websocket_is_no_request_that_took_long_and_its_bytes_are_no_bodies() {
    metrics.completed(new AnyPassage(), new Outcome(101, 10, 1000, Duration.ofHours(3), Ending.ANSWERED));

    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"-\",status=\"1xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_request_duration_seconds_count{outcome=\"answered\",route=\"-\"}")).isZero();
    assertThat(value("gatehouse_request_bytes_total{route=\"-\"}")).isZero();
    assertThat(value("gatehouse_response_bytes_total{route=\"-\"}")).isZero();
  }

  @Test
  void hedges_are_shown_as_those_say_who_make_them() {
    metrics.watchHedges(() -> 5, () -> 2);

    assertThat(value("gatehouse_hedges_total")).isEqualTo(5);
    assertThat(value("gatehouse_hedges_won_total")).isEqualTo(2);
  }

  @Test
  void what_waits_for_imgproxy_and_what_it_refuses_are_shown_as_those_say_who_know() {
    metrics.watchImgproxy(() -> 4);
    metrics.watchImageQueue(() -> 3, () -> 2, () -> 10, () -> 1_500_000_000L, Map.of("full", () -> 7L, "slow", () -> 1L));

    assertThat(value("gatehouse_imgproxy_refusals_total")).isEqualTo(4);
    assertThat(value("gatehouse_image_queue_waiting")).isEqualTo(3);
    assertThat(value("gatehouse_image_queue_at_backends")).isEqualTo(2);
    assertThat(value("gatehouse_image_queue_waits_total")).isEqualTo(10);
    assertThat(value("gatehouse_image_queue_waited_seconds_total")).isEqualTo(1.5);
    assertThat(value("gatehouse_image_queue_turned_away_total{reason=\"full\"}")).isEqualTo(7);
    assertThat(value("gatehouse_image_queue_turned_away_total{reason=\"slow\"}")).isEqualTo(1);
  }

  @Test
  void blocks_and_suspensions_are_shown_as_those_say_who_make_them() {
    metrics.watchBlocks(
        Map.of("network", () -> 5, "key", () -> 2), Map.of("bad_keys", () -> 7, "spike", () -> 1), () -> 3);

    assertThat(value("gatehouse_blocks{kind=\"network\"}")).isEqualTo(5);
    assertThat(value("gatehouse_blocks{kind=\"key\"}")).isEqualTo(2);
    assertThat(value("gatehouse_suspensions_total{cause=\"bad_keys\"}")).isEqualTo(7);
    assertThat(value("gatehouse_suspensions_total{cause=\"spike\"}")).isEqualTo(1);
    assertThat(value("gatehouse_suspensions_dropped_total")).isEqualTo(3);
  }

  @Test
  void websockets_are_shown_as_those_say_who_carry_them() {
    AtomicLong open = new AtomicLong(3);
    metrics.watchTunnels(open::intValue, () -> 7, () -> 100, () -> 2000);
    assertThat(value("gatehouse_tunnels_open")).isEqualTo(3);

    open.set(2);

    assertThat(value("gatehouse_tunnels_open")).isEqualTo(2);
    assertThat(value("gatehouse_tunnels_opened_total")).isEqualTo(7);
    assertThat(value("gatehouse_tunnel_bytes_total{to=\"backend\"}")).isEqualTo(100);
    assertThat(value("gatehouse_tunnel_bytes_total{to=\"client\"}")).isEqualTo(2000);
  }

  @Test
  void refusals_are_counted_by_reason_and_rule() {
    metrics.refused(new AnyPassage(), limited("user-minute"));
    metrics.refused(new AnyPassage(), limited("user-minute"));
    metrics.refused(new AnyPassage(), limited("ip-minute"));
    metrics.refused(new AnyPassage(), Refusal.of(Reason.KEY_UNKNOWN, "No such key."));

    assertThat(refusals("rate_limited", "user-minute")).isEqualTo(2);
    assertThat(refusals("rate_limited", "ip-minute")).isEqualTo(1);
    assertThat(refusals("key_unknown", "none")).isEqualTo(1);
  }

  @Test
  void what_shadows_would_have_refused_is_counted_by_rule() {
    metrics.wouldRefuse(new AnyPassage(), limited("user-minute-shadow"));
    metrics.wouldRefuse(new AnyPassage(), limited("user-minute-shadow"));

    assertThat(metrics.scrape()).contains("gatehouse_shadow_refusals_total{policy=\"user-minute-shadow\"} 2.0");
  }

  @Test
  void rules_beyond_the_first_hundred_are_counted_together() {
    for (int i = 0; i < 150; i++) {
      metrics.refused(new AnyPassage(), limited("rule-" + i));
    }
    metrics.refused(new AnyPassage(), limited("rule-0"));
    metrics.refused(new AnyPassage(), new Refusal(Reason.QUOTA_EXHAUSTED, "", Duration.ZERO, "rule-149"));

    assertThat(refusals("rate_limited", "rule-0")).isEqualTo(2);
    assertThat(refusals("rate_limited", "rule-99")).isEqualTo(1);
    assertThat(refusals("rate_limited", "other")).isEqualTo(50);
    assertThat(refusals("quota_exhausted", "other")).isEqualTo(1);
    assertThat(metrics.scrape().lines().filter(line -> line.startsWith("gatehouse_refusals_total{"))).hasSize(102);
  }

  @Test
  void many_threads_are_counted_exactly() throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        tasks.add(() -> {
          for (int i = 0; i < 5_000; i++) {
            metrics.completed(new AnyPassage(), new Outcome(200, 1, 2, Duration.ofMillis(1), Ending.ANSWERED));
            metrics.refused(new AnyPassage(), limited("rule-" + i % 200));
          }
          return null;
        });
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"-\",status=\"2xx\"}")).isEqualTo(40_000);
    assertThat(value("gatehouse_response_bytes_total{route=\"-\"}")).isEqualTo(80_000);
    List<String> refusals = metrics.scrape().lines()
        .filter(line -> line.startsWith("gatehouse_refusals_total{")).toList();
    assertThat(refusals).hasSize(101);
    assertThat(refusals.stream().mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum()).isEqualTo(40_000);
  }

  @Test
  void backends_are_shown_as_they_are_when_the_metrics_are_read() {
    var rows = new AtomicReference<>(List.of(
        new BackendRow("http://a:1", "default", true, 3, false, 2.5), new BackendRow("http://b:2", "default", false, 0, true, 1)));
    metrics.watchBackends(rows::get);

    assertThat(value("gatehouse_backend_healthy{backend=\"http://a:1\",pool=\"default\"}")).isEqualTo(1);
    assertThat(value("gatehouse_backend_healthy{backend=\"http://b:2\",pool=\"default\"}")).isZero();
    assertThat(value("gatehouse_backend_in_flight{backend=\"http://a:1\",pool=\"default\"}")).isEqualTo(3);
    assertThat(value("gatehouse_backend_ejected{backend=\"http://a:1\",pool=\"default\"}")).isZero();
    assertThat(value("gatehouse_backend_ejected{backend=\"http://b:2\",pool=\"default\"}")).isEqualTo(1);
    assertThat(value("gatehouse_backend_weight{backend=\"http://a:1\",pool=\"default\"}")).isEqualTo(2.5);

    rows.set(List.of(new BackendRow("http://a:1", "default", false, 7, false, 1)));

    assertThat(value("gatehouse_backend_healthy{backend=\"http://a:1\",pool=\"default\"}")).isZero();
    assertThat(value("gatehouse_backend_in_flight{backend=\"http://a:1\",pool=\"default\"}")).isEqualTo(7);
    assertThat(metrics.scrape()).doesNotContain("http://b:2");
  }

  @Test
  void requests_are_counted_by_the_route_that_they_took() {
    metrics.completed(new AnyPassage("images"), new Outcome(200, 1, 20, Duration.ofMillis(3), Ending.ANSWERED));
    metrics.completed(new AnyPassage("images"), outcome(502, Ending.UNANSWERED));
    metrics.refused(new AnyPassage("images"), limited("user-minute"));
    metrics.completed(new AnyPassage("api"), outcome(200, Ending.ANSWERED));

    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"images\",status=\"2xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"unanswered\",route=\"images\",status=\"5xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"refused\",route=\"images\",status=\"none\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"api\",status=\"2xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"-\",status=\"2xx\"}")).isZero();
    assertThat(value("gatehouse_request_duration_seconds_count{outcome=\"answered\",route=\"images\"}")).isEqualTo(1);
    assertThat(value("gatehouse_response_bytes_total{route=\"images\"}")).isEqualTo(20);
  }

  @Test
  void routes_beyond_the_first_two_hundred_are_counted_together() {
    for (int i = 0; i < MicrometerMetrics.MOST_ROUTES + 50; i++) {
      metrics.completed(new AnyPassage("r" + i), outcome(200, Ending.ANSWERED));
    }

    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"r0\",status=\"2xx\"}")).isEqualTo(1);
    assertThat(value("gatehouse_requests_total{outcome=\"answered\",route=\"other\",status=\"2xx\"}")).isEqualTo(50);
  }

  @Test
  void the_breaker_of_a_pool_is_in_one_state_at_a_time() {
    var rows = new AtomicReference<>(List.of(new PoolRow("default", Breaker.CLOSED), new PoolRow("api", Breaker.OPEN)));
    metrics.watchPools(rows::get);

    assertThat(value("gatehouse_pool_breaker{pool=\"api\",state=\"open\"}")).isEqualTo(1);
    assertThat(value("gatehouse_pool_breaker{pool=\"api\",state=\"closed\"}")).isZero();
    assertThat(value("gatehouse_pool_breaker{pool=\"default\",state=\"closed\"}")).isEqualTo(1);

    rows.set(List.of(new PoolRow("api", Breaker.HALF_OPEN)));

    assertThat(value("gatehouse_pool_breaker{pool=\"api\",state=\"half_open\"}")).isEqualTo(1);
    assertThat(value("gatehouse_pool_breaker{pool=\"api\",state=\"open\"}")).isZero();
    assertThat(metrics.scrape()).doesNotContain("gatehouse_pool_breaker{pool=\"default\"");
  }

  @Test
  void backends_that_cannot_be_asked_leave_the_rest_readable() {
    var broken = new AtomicBoolean();
    metrics.watchBackends(() -> {
      if (broken.get()) {
        throw new IllegalStateException("not now");
      }
      return List.of(new BackendRow("http://a:1", "default", true, 3, false, 1));
    });
    broken.set(true);

    assertThat(value("gatehouse_backend_healthy{backend=\"http://a:1\",pool=\"default\"}")).isEqualTo(1);
    assertThat(value("gatehouse_request_bytes_total{route=\"-\"}")).isZero();
  }

  @Test
  void caches_and_stores_are_asked_when_the_metrics_are_read() {
    var hits = new AtomicLong();
    var up = new AtomicBoolean(true);
    metrics.watchCache("entitlements", () -> hits.get(), () -> 2);
    metrics.watchStore("redis", () -> up.get());
    System.gc(); // what only Micrometer held would be gone

    hits.set(41);
    assertThat(value("gatehouse_cache_gets_total{cache=\"entitlements\",result=\"hit\"}")).isEqualTo(41);
    assertThat(value("gatehouse_cache_gets_total{cache=\"entitlements\",result=\"miss\"}")).isEqualTo(2);
    assertThat(value("gatehouse_store_up{store=\"redis\"}")).isEqualTo(1);

    up.set(false);
    assertThat(value("gatehouse_store_up{store=\"redis\"}")).isZero();
  }

  @Test
  void how_the_settings_were_last_read_is_told_as_prometheus_tells_it_of_itself() {
    var successful = new AtomicBoolean(true);
    metrics.watchConfiguration(successful::get, () -> Instant.ofEpochMilli(1_700_000_000_500L), () -> 3);
    System.gc();

    assertThat(value("gatehouse_config_last_reload_successful")).isEqualTo(1);
    assertThat(value("gatehouse_config_last_reload_success_timestamp_seconds")).isEqualTo(1_700_000_000.5);
    assertThat(value("gatehouse_config_waiting")).isEqualTo(3);

    successful.set(false);
    assertThat(value("gatehouse_config_last_reload_successful")).isZero();
  }

  @Test
  void decisions_are_counted_by_how_they_were_made_and_looks_are_not() {
    MeteredRateLimiter limiter = new MeteredRateLimiter(new MemoryRateLimiter(8, System::nanoTime));
    metrics.watchDecisions(limiter);
    List<Charge> charges = List.of(new Charge("p", "b", Limit.of(3, Duration.ofDays(1)), 1));

    limiter.peek(charges);
    for (int i = 0; i < 5; i++) {
      limiter.tryAcquire(charges);
    }

    assertThat(value("gatehouse_limit_decisions_total{mode=\"exact\",outcome=\"allowed\"}")).isEqualTo(3);
    assertThat(value("gatehouse_limit_decisions_total{mode=\"exact\",outcome=\"denied\"}")).isEqualTo(2);
    assertThat(value("gatehouse_limit_decisions_total{mode=\"leased\",outcome=\"allowed\"}")).isZero();
    assertThat(metrics.scrape().lines().filter(line -> line.startsWith("gatehouse_limit_decisions"))).hasSize(6);
  }

  @Test
  void the_jvm_is_shown_and_every_metric_of_ours_is_described() {
    metrics.watchBackends(() -> List.of(new BackendRow("http://a:1", "default", true, 3, false, 1)));
    metrics.watchCache("entitlements", () -> 1, () -> 2);
    metrics.watchStore("database", () -> true);
    metrics.watchDecisions(new MeteredRateLimiter(new MemoryRateLimiter(8, System::nanoTime)));
    metrics.refused(new AnyPassage(), limited("r"));

    String text = metrics.scrape();

    assertThat(text).contains("jvm_memory_used_bytes{", "jvm_gc_memory_allocated_bytes_total",
        "jvm_threads_live_threads", "process_uptime_seconds", "system_cpu_count");
    assertThat(text.lines().filter(line -> line.startsWith("# HELP gatehouse_")))
        .hasSize(13).allMatch(line -> line.matches("# HELP [a-z_]+ [A-Z1].*\\."));
    assertThat(PrometheusMetrics.CONTENT_TYPE).startsWith("text/plain; version=0.0.4");
  }

  @Test
  void what_was_put_into_a_registry_of_others_is_taken_out_again() {
    var registry = new SimpleMeterRegistry();
    registry.counter("theirs").increment();
    Metrics ours = new MicrometerMetrics(registry);
    ours.watchBackends(() -> List.of(new BackendRow("http://a:1", "default", true, 3, false, 1)));
    ours.watchCache("entitlements", () -> 1, () -> 2);
    ours.watchStore("database", () -> true);
    ours.refused(new AnyPassage(), limited("r"));
    assertThat(registry.get("gatehouse.backend.in.flight").tag("backend", "http://a:1").gauge().value()).isEqualTo(3);
    assertThat(registry.getMeters()).hasSizeGreaterThan(25);

    ours.close();

    assertThat(registry.getMeters()).singleElement()
        .satisfies(meter -> assertThat(meter.getId().getName()).isEqualTo("theirs"));
  }

  @Test
  void without_micrometer_the_jar_to_add_is_named() throws ReflectiveOperationException {
    Class<?> doors = new WithoutPackages(getClass().getClassLoader(), "io.micrometer")
        .loadClass(Metrics.class.getName());

    assertThatThrownBy(() -> doors.getMethod("prometheus").invoke(null))
        .isInstanceOf(InvocationTargetException.class)
        .cause().isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("add io.micrometer:micrometer-registry-prometheus");
  }

  private double refusals(String reason, String policy) {
    return value("gatehouse_refusals_total{policy=\"" + policy + "\",reason=\"" + reason + "\"}");
  }

  private double bucket(String most) {
    return value("gatehouse_request_duration_seconds_bucket{outcome=\"answered\",route=\"-\",le=\"" + most + "\"}");
  }

  private double value(String series) {
    String line = metrics.scrape().lines().filter(text -> text.startsWith(series + " ")).findFirst()
        .orElseThrow(() -> new AssertionError(series + " is not in\n" + metrics.scrape()));
    return Double.parseDouble(line.substring(series.length() + 1));
  }

  private static Outcome outcome(int status, Ending ending) {
    return new Outcome(status, 0, 0, Duration.ofMillis(1), ending);
  }

  private static Refusal limited(String rule) {
    return new Refusal(Reason.RATE_LIMITED, "Too many requests.", Duration.ofSeconds(1), rule);
  }

  /** Metrics look at no passage. */
  private record AnyPassage(String route) implements Passage {

    AnyPassage() {
      this("");
    }

    @Override
    public Inbound inbound() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Entitlement> entitlement() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void entitle(Entitlement entitlement) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void tell(Fields fields) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void wouldRefuse(Refusal refusal) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void leave(Duty duty) {
      throw new UnsupportedOperationException();
    }
  }
}

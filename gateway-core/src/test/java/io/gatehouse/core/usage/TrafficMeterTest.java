package io.gatehouse.core.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Outcome;
import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.memory.MemoryTrafficLog;
import io.gatehouse.core.memory.MemoryUsageLog;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.event.ViolationRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrafficMeterTest {

  private static final Subject ALICE = new Subject("alice", "k1");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Instant START = SettableClock.START;

  @TempDir Path directory;
  private final SettableClock clock = new SettableClock();
  private final AwayLog log = new AwayLog();
  private final AtomicInteger sources = new AtomicInteger();
  private final List<TrafficMeter> open = new ArrayList<>();

  @AfterEach
  void close() {
    log.away = false;
    open.forEach(TrafficMeter::close);
  }

  @Test
  void requests_bytes_and_errors_of_a_caller_are_summed_up_by_the_minute() {
    TrafficMeter meter = meter(100);
    completed(meter, ALICE, 200, 10, 100, Outcome.Ending.ANSWERED);
    completed(meter, ALICE, 404, 0, 7, Outcome.Ending.ANSWERED);
    completed(meter, ALICE, 500, 0, 1, Outcome.Ending.ANSWERED);
    completed(meter, ALICE, 502, 0, 1, Outcome.Ending.UNANSWERED);
    completed(meter, ALICE, 0, 0, 0, Outcome.Ending.ABORTED);
    clock.advance(MINUTE);
    completed(meter, ALICE, 200, 1, 2, Outcome.Ending.ABORTED);
    meter.flush();

    assertThat(traffic("alice"))
        .isEqualTo(Map.of(START, new Traffic(5, 10, 109, 3), START.plus(MINUTE), new Traffic(1, 1, 2, 1)));
  }

  @Test
  void requests_of_a_caller_are_told_apart_by_the_endpoint_that_covers_them() {
    TrafficMeter meter = meter(100);
    completed(meter, ALICE, "", 200, 0, 1, Outcome.Ending.ANSWERED);
    completed(meter, ALICE, "upload", 200, 10, 2, Outcome.Ending.ANSWERED);
    completed(meter, new Subject("alice", "k2"), "upload", 500, 20, 4, Outcome.Ending.ANSWERED);
    completed(meter, ALICE, "thumbs", 200, 0, 8, Outcome.Ending.ANSWERED);
    clock.advance(MINUTE);
    completed(meter, ALICE, "upload", 200, 40, 16, Outcome.Ending.ANSWERED);
    meter.flush();

    assertThat(byEndpoint("alice")).isEqualTo(Map.of(
        START,
        Map.of(
            "", new Traffic(1, 0, 1, 0), "upload", new Traffic(2, 30, 6, 1), "thumbs", new Traffic(1, 0, 8, 0)),
        START.plus(MINUTE),
        Map.of("upload", new Traffic(1, 40, 16, 0))));
  }

  @Test
  void endpoints_count_towards_the_number_of_names_and_beyond_it_are_not_told_apart() {
    TrafficMeter meter = meter(3);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 40; i++) {
        completed(meter, ALICE, "endpoint-" + i, 200, 0, 1, Outcome.Ending.ANSWERED);
      }
    }
    meter.flush();

    assertThat(byEndpoint("alice").get(START)).containsOnlyKeys("endpoint-0", "endpoint-1", "endpoint-2");
    assertThat(traffic("alice")).isEqualTo(Map.of(START, new Traffic(6, 0, 6, 0)));
    assertThat(byEndpoint("*")).isEqualTo(Map.of(START, Map.of("", new Traffic(74, 0, 74, 0))));
    assertThat(log.written).as("what all that became in the log").isEqualTo(4);
  }

  @Test
  void refusals_are_counted_by_key_reason_and_rule() {
    TrafficMeter meter = meter(100);
    refused(meter, ALICE, Refusal.Reason.RATE_LIMITED, "user-minute");
    refused(meter, ALICE, Refusal.Reason.RATE_LIMITED, "user-minute");
    refused(meter, ALICE, Refusal.Reason.QUOTA_EXHAUSTED, "requests-day");
    refused(meter, new Subject("alice", "k2"), Refusal.Reason.QUOTA_EXHAUSTED, "requests-day");
    meter.flush();

    assertThat(violations("alice"))
        .isEqualTo(Map.of(
            new Violation(START, ALICE, Refusal.Reason.RATE_LIMITED, "user-minute"), 2L,
            new Violation(START, ALICE, Refusal.Reason.QUOTA_EXHAUSTED, "requests-day"), 1L,
            new Violation(START, new Subject("alice", "k2"), Refusal.Reason.QUOTA_EXHAUSTED, "requests-day"), 1L));
    assertThat(traffic("alice")).isEmpty();
  }

  @Test
  void callers_that_nobody_knows_are_one_whatever_their_addresses() {
    TrafficMeter meter = meter(100);
    for (int i = 0; i < 200; i++) {
      String address = "198.51.100." + i;
      Gate no = passage -> Optional.of(Refusal.of(Refusal.Reason.KEY_MISSING, "no key"));
      new Gates(List.of(no), List.of(meter)).admit(Requests.get("/").from(address));
    }
    meter.flush();

    assertThat(violations("-"))
        .isEqualTo(Map.of(new Violation(START, TrafficMeter.UNKNOWN, Refusal.Reason.KEY_MISSING, ""), 200L));
  }

  @Test
  void names_beyond_the_number_that_is_kept_apart_count_for_the_others() {
    TrafficMeter meter = meter(10);
    for (int i = 0; i < 50; i++) {
      completed(meter, new Subject("user-" + i, "k"), 200, 0, 1, Outcome.Ending.ANSWERED);
    }
    for (int i = 0; i < 50; i++) {
      completed(meter, new Subject("user-" + i, "k"), 200, 0, 1, Outcome.Ending.ANSWERED);
      refused(meter, new Subject("user-" + i, "k"), Refusal.Reason.RATE_LIMITED, "rule-" + i);
    }
    meter.flush();

    long apart = 0;
    for (int i = 0; i < 50; i++) {
      apart += traffic("user-" + i).values().stream().mapToLong(Traffic::requests).sum();
    }
    assertThat(apart).isEqualTo(20);
    assertThat(traffic("*")).isEqualTo(Map.of(START, new Traffic(80, 0, 80, 0)));
    assertThat(violations("*"))
        .isEqualTo(Map.of(new Violation(START, TrafficMeter.OTHERS, Refusal.Reason.RATE_LIMITED, "*"), 50L));
  }

  @Test
  void pages_follow_each_other_and_go_with_their_files_and_names_when_they_are_written_and_idle() {
    TrafficMeter meter = meter(5);
    for (int hour = 0; hour < 5; hour++) {
      completed(meter, ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
      for (int pass = 0; pass < TrafficMeter.PASSES_A_PAGE + TrafficMeter.PASSES_TO_DROP; pass++) {
        meter.flush();
      }
      clock.advance(Duration.ofHours(1));
    }

    assertThat(directory.toFile().list()).as("the last page").hasSize(1);
    assertThat(traffic("alice")).hasSize(5);
    assertThat(traffic("*")).isEmpty();
  }

  @Test
  void a_page_that_was_idle_is_not_dropped_the_moment_it_is_turned() {
    AtomicInteger turns = new AtomicInteger();
    TrafficMeter[] meter = new TrafficMeter[1];
    meter[0] =
        new TrafficMeter(
            CounterDirectory.at(directory),
            log,
            () -> {
              if (turns.getAndIncrement() > 0) {
                completed(meter[0], ALICE, 200, 0, 1, Outcome.Ending.ANSWERED); // while the next page is made
              }
              return "source-" + turns;
            },
            clock,
            new TrafficMeter.Bounds(100, TrafficMeter.PASSES_TO_DROP));
    open.add(meter[0]);
    completed(meter[0], ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
    for (int pass = 0; pass <= TrafficMeter.PASSES_A_PAGE; pass++) {
      meter[0].flush();
    }

    assertThat(turns).hasValue(2);
    assertThat(traffic("alice")).isEqualTo(Map.of(START, new Traffic(2, 0, 2, 0)));
  }

  @Test
  void a_clock_that_is_set_back_loses_nothing() {
    TrafficMeter meter = meter(1000);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 10; i++) {
        completed(meter, ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
        clock.advance(MINUTE);
      }
      for (int pass = 0; pass < TrafficMeter.PASSES_A_PAGE + TrafficMeter.PASSES_TO_DROP; pass++) {
        meter.flush();
      }
      clock.advance(Duration.ofMinutes(-10));
    }

    assertThat(traffic("alice")).hasSize(10).containsEntry(START, new Traffic(3, 0, 3, 0));
  }

  @Test
  void while_the_log_is_away_pages_are_bounded_and_later_all_is_written() {
    TrafficMeter meter = meter(1000);
    log.away = true;
    for (int i = 0; i < 40; i++) {
      completed(meter, ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
      refused(meter, ALICE, Refusal.Reason.RATE_LIMITED, "r");
      assertThatThrownBy(meter::flush).isInstanceOf(StoreException.class);
      clock.advance(MINUTE);
    }
    log.away = false;
    meter.flush();

    assertThat(traffic("alice")).hasSize(40).allSatisfy((minute, sum) -> assertThat(sum.requests()).isEqualTo(1));
    assertThat(violations("alice")).hasSize(40);
  }

  @Test
  void a_write_that_may_or_may_not_have_arrived_is_written_again_and_counted_once() {
    TrafficMeter meter = meter(1000);
    completed(meter, ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
    log.failAfterWriting = true;
    assertThatThrownBy(meter::flush).isInstanceOf(StoreException.class);
    log.failAfterWriting = false;
    completed(meter, ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
    meter.flush();
    meter.flush();

    assertThat(traffic("alice")).isEqualTo(Map.of(START, new Traffic(2, 0, 2, 0)));
  }

  @Test
  void closing_writes_and_leaves_no_file_and_what_cannot_be_written_is_left_to_the_next_start() {
    TrafficMeter written = meter(1000);
    completed(written, ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
    written.close();
    assertThat(traffic("alice")).isEqualTo(Map.of(START, new Traffic(1, 0, 1, 0)));
    assertThat(directory).isEmptyDirectory();

    TrafficMeter unwritten = meter(1000);
    completed(unwritten, ALICE, 200, 0, 1, Outcome.Ending.ANSWERED);
    log.away = true;
    unwritten.close();
    log.away = false;
    new Leftovers(CounterDirectory.at(directory), new MemoryUsageLog(), log, key -> {}).settle();
    assertThat(traffic("alice")).isEqualTo(Map.of(START, new Traffic(2, 0, 2, 0)));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void many_threads_a_moving_clock_and_flushes_that_fail_now_and_then_lose_and_double_nothing() throws Exception {
    // Flushes follow each other within microseconds here, so that a thread may well stand still for many of them.
    TrafficMeter meter = meter(new TrafficMeter.Bounds(300, Integer.MAX_VALUE));
    int threads = 4;
    int rounds = 20_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads + 1);
    try {
      List<Future<?>> counting = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        counting.add(pool.submit(() -> {
          for (int i = 0; i < rounds; i++) {
            Subject caller = new Subject("user-" + i % 7, "key-" + thread % 2);
            String endpoint = i % 3 == 0 ? "" : "endpoint-" + i % 3;
            completed(meter, caller, endpoint, 200, 1, 2, Outcome.Ending.ANSWERED);
            if (i % 500 == 0) {
              clock.advance(Duration.ofSeconds(20));
            }
          }
        }));
      }
      Future<?> flushing = pool.submit(() -> {
        for (int pass = 0; counting.stream().anyMatch(each -> !each.isDone()); pass++) {
          log.away = pass % 5 == 1;
          log.failAfterWriting = pass % 7 == 2;
          try {
            meter.flush();
          } catch (StoreException e) {
            assertThat(log.away || log.failAfterWriting).isTrue();
          }
        }
      });
      for (Future<?> each : counting) {
        each.get(60, TimeUnit.SECONDS);
      }
      flushing.get(60, TimeUnit.SECONDS);
    } finally {
      pool.shutdownNow();
    }
    log.away = false;
    log.failAfterWriting = false;
    meter.flush();

    Traffic sum = Traffic.NONE;
    for (String user : List.of("user-0", "user-1", "user-2", "user-3", "user-4", "user-5", "user-6", "*")) {
      for (Traffic each : traffic(user).values()) {
        sum = sum.plus(each);
      }
    }
    assertThat(sum).isEqualTo(new Traffic(threads * rounds, threads * rounds, threads * rounds * 2L, 0));
  }

  private TrafficMeter meter(int mostNames) {
    return meter(new TrafficMeter.Bounds(mostNames, TrafficMeter.PASSES_TO_DROP));
  }

  private TrafficMeter meter(TrafficMeter.Bounds bounds) {
    TrafficMeter meter =
        new TrafficMeter(
            CounterDirectory.at(directory), log, () -> "source-" + sources.incrementAndGet(), clock, bounds);
    open.add(meter);
    return meter;
  }

  private static void completed(
      TrafficMeter meter, Subject caller, int status, long in, long out, Outcome.Ending ending) {
    completed(meter, caller, "", status, in, out, ending);
  }

  private static void completed(
      TrafficMeter meter, Subject caller, String endpoint, int status, long in, long out, Outcome.Ending ending) {
    Gate covering = passage -> {
      passage.cover(endpoint);
      return Optional.empty();
    };
    Admission admission = new Gates(List.of(identity(caller), covering), List.of(meter)).admit(Requests.get("/"));
    ((Admission.Admitted) admission).complete(new Outcome(status, in, out, Duration.ofMillis(1), ending));
  }

  private static void refused(TrafficMeter meter, Subject caller, Refusal.Reason reason, String rule) {
    Gate no = passage -> Optional.of(new Refusal(reason, "no", Duration.ZERO, rule));
    new Gates(List.of(identity(caller), no), List.of(meter)).admit(Requests.get("/"));
  }

  private static Gate identity(Subject caller) {
    return passage -> {
      passage.entitle(new Entitlement(caller, List.of(), List.of(), List.of(), Set.of()));
      return Optional.empty();
    };
  }

  private SortedMap<Instant, Traffic> traffic(String user) {
    return log.traffic(user, Instant.EPOCH, START.plus(Duration.ofDays(900)), MINUTE);
  }

  private SortedMap<Instant, SortedMap<String, Traffic>> byEndpoint(String user) {
    return log.trafficByEndpoint(user, Instant.EPOCH, START.plus(Duration.ofDays(900)), MINUTE);
  }

  private Map<Violation, Long> violations(String user) {
    return log.violations(user, Instant.EPOCH, START.plus(Duration.ofDays(900)), 10_000).stream()
        .collect(Collectors.toMap(TrafficLog.Violations::violation, TrafficLog.Violations::count));
  }

  private static final class AwayLog implements TrafficLog {
    private final TrafficLog log = new MemoryTrafficLog();
    private volatile boolean away;
    private volatile boolean failAfterWriting;

    /** Records of traffic. */
    private volatile int written;

    @Override
    public void record(List<TrafficRecord> traffic, List<ViolationRecord> violations) {
      if (away) {
        throw new StoreException("away");
      }
      log.record(traffic, violations);
      written += traffic.size();
      if (failAfterWriting) {
        throw new StoreException("the answer is lost");
      }
    }

    @Override
    public SortedMap<Instant, Traffic> traffic(String user, Instant from, Instant to, Duration grain) {
      return log.traffic(user, from, to, grain);
    }

    @Override
    public SortedMap<Instant, SortedMap<String, Traffic>> trafficByEndpoint(
        String user, Instant from, Instant to, Duration grain) {
      return log.trafficByEndpoint(user, from, to, grain);
    }

    @Override
    public List<Violations> violations(String user, Instant from, Instant to, int most) {
      return log.violations(user, from, to, most);
    }

    @Override
    public void forget(Instant before) {
      log.forget(before);
    }
  }
}

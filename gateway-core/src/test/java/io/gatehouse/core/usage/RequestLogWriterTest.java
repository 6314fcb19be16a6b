package io.gatehouse.core.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.usage.RequestLogWriter.Sampling;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestLogWriterTest {

  private static final Sampling ALL = new Sampling(1, true, Long.MAX_VALUE);
  private static final Duration SHORT = Duration.ofMillis(5);

  private final SettableClock clock = new SettableClock();
  private final SwitchedLog log = new SwitchedLog();

  @Test
  void what_is_handed_over_is_written() {
    try (RequestLogWriter writer = writer(ALL, 1_000)) {
      for (int i = 0; i < 500; i++) {
        assertThat(offer(writer, i)).isTrue();
      }

      await().until(() -> writer.written() == 500);
      assertThat(log.count()).isEqualTo(500);
      assertThat(writer.dropped()).isZero();
    }
  }

  @Test
  void a_log_that_is_away_costs_what_does_not_fit_into_the_queue_and_the_rest_is_written_later() {
    log.away = true;
    try (RequestLogWriter writer = writer(ALL, 10)) {
      assertThat(offer(writer, 0)).isTrue();
      await().until(() -> log.calls > 0); // the first is in the writer's hands now
      long taken = IntStream.range(1, 100).filter(i -> offer(writer, i)).count();

      assertThat(taken).isEqualTo(10);
      assertThat(writer.dropped()).isEqualTo(89);

      log.away = false;
      await().until(() -> writer.written() == 11);
      assertThat(log.count()).isEqualTo(11);
      assertThat(writer.dropped()).isEqualTo(89);
    }
  }

  @Test
  void a_write_of_which_nobody_knows_whether_it_arrived_is_repeated_and_counts_once() {
    log.silent = true;
    try (RequestLogWriter writer = writer(ALL, 10)) {
      offer(writer, 1);
      await().until(() -> log.calls > 2);
      log.silent = false;

      await().until(() -> writer.written() == 1);
      assertThat(log.count()).isEqualTo(1);
    }
  }

  @Test
  void a_log_that_hangs_keeps_no_request_waiting() {
    CountDownLatch release = new CountDownLatch(1);
    log.gate = release;
    RequestLogWriter writer = writer(ALL, 4);
    try {
      offer(writer, 0);
      await().until(() -> log.calls > 0);
      for (int i = 1; i < 10; i++) {
        offer(writer, i);
      }
      assertThat(writer.dropped()).isEqualTo(5);
    } finally {
      release.countDown();
      writer.close();
    }
    assertThat(writer.written()).isEqualTo(5);
  }

  @Test
  void an_error_that_nobody_expected_costs_its_batch_and_not_the_writer() {
    log.broken = true;
    try (RequestLogWriter writer = writer(ALL, 10)) {
      offer(writer, 1);
      await().until(() -> writer.dropped() == 1);
      log.broken = false;

      offer(writer, 2);
      await().until(() -> writer.written() == 1);
    }
  }

  @Test
  void what_waits_is_written_before_the_writer_is_closed_and_nothing_afterwards() {
    RequestLogWriter writer = writer(ALL, 5_000);
    for (int i = 0; i < 3_000; i++) {
      offer(writer, i);
    }

    writer.close();

    assertThat(log.count()).isEqualTo(3_000);
    assertThat(offer(writer, 3_000)).isFalse();
    assertThat(writer.dropped()).isEqualTo(1);
  }

  @Test
  void in_a_second_only_so_many_are_taken() {
    try (RequestLogWriter writer = writer(new Sampling(1, true, 3), 1_000)) {
      assertThat(IntStream.range(0, 10).filter(i -> offer(writer, i)).count()).isEqualTo(3);
      assertThat(writer.dropped()).isEqualTo(7);

      clock.advance(Duration.ofSeconds(1));
      assertThat(IntStream.range(10, 20).filter(i -> offer(writer, i)).count()).isEqualTo(3);
    }
  }

  @Test
  void every_node_wants_the_same_share_and_errors_always() {
    try (RequestLogWriter one = writer(new Sampling(0.1, true, 1_000), 10);
        RequestLogWriter other = writer(new Sampling(0.1, false, 1_000), 10)) {
      int wanted = 0;
      for (int i = 0; i < 20_000; i++) {
        String trace = String.format("%032x", i);
        assertThat(one.wants(trace, false)).isEqualTo(other.wants(trace, false));
        assertThat(one.wants(trace, true)).isTrue();
        assertThat(other.wants(trace, true)).isEqualTo(other.wants(trace, false));
        wanted += one.wants(trace, false) ? 1 : 0;
      }
      assertThat(wanted / 20_000.0).isCloseTo(0.1, within(0.02));
    }
  }

  @Test
  void a_share_of_nothing_wants_nothing_and_a_share_beyond_all_is_refused() {
    try (RequestLogWriter none = writer(new Sampling(0, false, 1), 10)) {
      assertThat(IntStream.range(0, 1_000).anyMatch(i -> none.wants("id" + i, true))).isFalse();
    }
    assertThatThrownBy(() -> new Sampling(1.1, true, 1)).hasMessageContaining("share: 1.1 (expected: 0 to 1)");
    assertThatThrownBy(() -> new Sampling(1, true, 0)).hasMessageContaining("mostPerSecond: 0");
  }

  private RequestLogWriter writer(Sampling sampling, int room) {
    return RequestLogWriter.start(log, sampling, room, SHORT, clock.nanoTime());
  }

  private static boolean offer(RequestLogWriter writer, int number) {
    return writer.offer(() -> record(number));
  }

  private static RequestRecord record(int number) {
    return new RequestRecord("id-" + number, Instant.EPOCH, "", "", Optional.empty(), "192.0.2.1", "GET", "/", 200,
        Optional.empty(), "", "", 0, 0, Duration.ZERO);
  }

  /** Takes records, or fails in the ways that a log can. */
  private static final class SwitchedLog implements RequestLog {

    private final Map<String, RequestRecord> taken = new HashMap<>();
    private volatile boolean away;
    private volatile boolean silent;
    private volatile boolean broken;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile int calls;

    @Override
    public void record(List<RequestRecord> records) {
      calls++; // one writer
      await(gate);
      if (away) {
        throw new StoreException("away");
      }
      if (broken) {
        throw new IllegalStateException("broken");
      }
      synchronized (taken) {
        records.forEach(each -> taken.put(each.id(), each));
      }
      if (silent) {
        throw new StoreException("no answer after the commit");
      }
    }

    private static void await(CountDownLatch gate) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new StoreException("interrupted", e);
      }
    }

    int count() {
      synchronized (taken) {
        return taken.size();
      }
    }

    @Override
    public List<RequestRecord> newest(Question question, int most) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void forget(Instant before) {
      throw new UnsupportedOperationException();
    }
  }
}

package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.settings.RequestLogSettings;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class RequestLoggingTest {

  private static final Duration WEEK = Duration.ofDays(7);

  private final SettableClock clock = new SettableClock();
  private final KeptLog log = new KeptLog();

  @Test
  void room_is_made_and_old_requests_are_forgotten_at_the_start() {
    try (RequestLogging logging = open(true)) {
      await().until(() -> !log.forgotten.isEmpty());

      assertThat(log.prepared).containsExactly(SettableClock.START);
      assertThat(log.forgotten).containsExactly(SettableClock.START.minus(WEEK));
      assertThat(logging.ready()).isTrue();
    }
  }

  @Test
  void a_log_without_room_for_today_or_tomorrow_raises_the_alarm() {
    log.room = false;
    try (RequestLogging logging = open(true)) {
      await().until(() -> !log.forgotten.isEmpty());

      assertThat(logging.ready()).isFalse();
    }
  }

  @Test
  void a_log_that_cannot_be_asked_raises_the_alarm() {
    log.away = true;
    try (RequestLogging logging = open(true)) {
      await().until(() -> !logging.ready());
    }
  }

  @Test
  void what_was_logged_once_is_forgotten_in_its_time_although_nothing_is_logged_any_more() {
    try (RequestLogging logging = open(false)) {
      await().until(() -> !log.forgotten.isEmpty());

      assertThat(logging.writer()).isEmpty();
      assertThat(log.prepared).isEmpty();
    }
  }

  @Test
  void what_waits_is_written_at_the_end() {
    RequestLogging logging = open(true);
    RequestRecord record =
        new RequestRecord("a", Instant.EPOCH, "", "", Optional.empty(), "", "GET", "/", 200, Optional.empty(), "", "", 0,
            0, Duration.ZERO);
    logging.writer().orElseThrow().offer(() -> record);

    logging.close();

    assertThat(log.records).containsExactly(record);
  }

  private RequestLogging open(boolean enabled) {
    return RequestLogging.open(new RequestLogSettings(enabled, 1, true, false, WEEK, 1_000), log, clock);
  }

  /** Remembers what it was asked to do. */
  private static final class KeptLog implements RequestLog {

    private final List<Instant> prepared = new CopyOnWriteArrayList<>();
    private final List<Instant> forgotten = new CopyOnWriteArrayList<>();
    private final List<RequestRecord> records = new CopyOnWriteArrayList<>();
    private volatile boolean room = true;
    private volatile boolean away;

    @Override
    public void record(List<RequestRecord> fresh) {
      records.addAll(fresh);
    }

    @Override
    public List<RequestRecord> newest(Question question, int most) {
      return List.copyOf(records);
    }

    @Override
    public void forget(Instant before) {
      forgotten.add(before);
    }

    @Override
    public boolean prepare(Instant now) {
      if (away) {
        throw new StoreException("away");
      }
      prepared.add(now);
      return room;
    }
  }
}

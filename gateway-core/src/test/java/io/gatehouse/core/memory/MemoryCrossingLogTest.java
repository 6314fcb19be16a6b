package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.contract.CrossingLogContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryCrossingLogTest extends CrossingLogContract {

  private final CrossingLog log = new MemoryCrossingLog();

  @Override
  protected CrossingLog log() {
    return log;
  }

  @Test
  void crossings_of_periods_that_are_over_are_dropped_and_those_of_stored_bytes_stay() {
    QuotaKey day = new QuotaKey("u", Meter.REQUESTS, Window.DAY, LocalDate.of(2026, 6, 1));
    QuotaKey stored = new QuotaKey("u", Meter.STORED_BYTES, Window.LIFETIME, LocalDate.EPOCH);
    log.first(crossing(day, SettableClock.START));
    log.first(crossing(stored, SettableClock.START));

    log.first(crossing(day.anew(), SettableClock.START.plus(Duration.ofDays(4))));
    assertThat(log.crossings(List.of(day))).hasSize(1);

    log.first(crossing(day.anew().anew(), SettableClock.START.plus(Duration.ofDays(5))));
    assertThat(log.crossings(List.of(day))).isEmpty();
    assertThat(log.crossings(List.of(stored))).hasSize(1);
  }

  private static Crossing crossing(QuotaKey key, Instant at) {
    return new Crossing(key, 50, 10, 5, at);
  }
}

package io.gatehouse.core.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.core.memory.MemoryTrafficLog;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyUses;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyUseNotesTest {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant LATER = NOON.plusSeconds(60);

  private final MemoryTrafficLog log = new MemoryTrafficLog();
  private final Notes notes = new Notes();
  private final KeyUseNotes traffic = new KeyUseNotes(log, notes);

  @Test
  void a_key_is_noted_once_a_minute_however_often_its_traffic_is_written() {
    record(NOON, "k1", 1);
    record(NOON, "k1", 2);
    record(NOON, "k2", 1);
    record(LATER, "k1", 1);
    record(LATER, "k1", 5);

    assertThat(notes.all).containsExactly(Map.of("k1", NOON), Map.of("k2", NOON), Map.of("k1", LATER));
    assertThat(log.traffic("u", NOON, LATER.plusSeconds(60), Duration.ofMinutes(2)).values())
        .extracting(Traffic::requests).containsExactly(8L);
  }

  @Test
  void what_a_killed_start_has_left_is_noted_in_its_own_minute() {
    record(LATER, "k1", 1);
    record(NOON, "k2", 1);
    record(LATER, "k1", 2);

    assertThat(notes.all).containsExactly(Map.of("k1", LATER), Map.of("k2", NOON));
  }

  @Test
  void one_write_of_several_minutes_notes_the_latest() {
    traffic.record(List.of(of(LATER, "k1", 1), of(NOON, "k1", 1), of(NOON, "k2", 0)), List.of());

    assertThat(notes.all).containsExactly(Map.of("k1", LATER));
  }

  @Test
  void a_note_that_failed_is_made_again() {
    notes.away = true;
    assertThatThrownBy(() -> record(NOON, "k1", 1)).isInstanceOf(StoreException.class);
    notes.away = false;
    record(NOON, "k1", 1);

    assertThat(notes.all).containsExactly(Map.of("k1", NOON));
  }

  private void record(Instant minute, String key, long requests) {
    traffic.record(List.of(of(minute, key, requests)), List.of());
  }

  private static TrafficRecord of(Instant minute, String key, long requests) {
    return new TrafficRecord("s", minute, new Subject("u", key), new Traffic(requests, 0, 0, 0));
  }

  private static final class Notes implements KeyUses {

    final List<Map<String, Instant>> all = new ArrayList<>();
    boolean away;

    @Override
    public void noteUses(Map<String, Instant> uses) {
      if (away) {
        throw new StoreException("away", null);
      }
      all.add(Map.copyOf(uses));
    }

    @Override
    public Map<String, Instant> lastUses(Collection<String> keys) {
      return Map.of();
    }

    @Override
    public List<KeyDigest> usedLast(int most) {
      return List.of();
    }
  }
}

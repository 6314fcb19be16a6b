package io.gatehouse.core.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PacesTest {

  private static final Paces.Rule TENFOLD = new Paces.Rule(10, 50);

  private final Paces paces = new Paces();

  @Test
  void a_minute_with_many_times_the_average_is_a_spike_and_told_once() {
    for (int minute = 0; minute < 20; minute++) {
      assertThat(spikes("k", minute, 12)).isZero();
    }

    assertThat(spikes("k", 20, 120)).isZero();
    assertThat(paces.count("k", 20, TENFOLD)).isEqualTo(OptionalLong.of(12));
    assertThat(spikes("k", 20, 500)).isZero();
  }

  @Test
  void a_key_without_a_past_has_no_spike() {
    assertThat(spikes("k", 0, 10_000)).isZero();
    assertThat(spikes("k", 9, 10_000)).isZero();
  }

  @Test
  void what_is_little_anyway_is_no_spike() {
    for (int minute = 0; minute < 30; minute++) {
      spikes("k", minute, 1);
    }

    assertThat(spikes("k", 30, 50)).isZero();
    assertThat(spikes("k", 30, 1)).isEqualTo(1);
  }

  @Test
  void growth_that_takes_its_time_is_no_spike() {
    int requests = 10;
    for (int minute = 0; minute < 60; minute++) {
      assertThat(spikes("k", minute, requests)).as("minute %s", minute).isZero();
      requests += requests / 5;
    }
    assertThat(requests).isGreaterThan(100_000);
  }

  @Test
  void minutes_without_a_request_weigh_as_well() {
    for (int minute = 0; minute < 20; minute++) {
      spikes("k", minute, 100);
    }

    assertThat(spikes("k", 20, 1000)).isZero();
    assertThat(spikes("k", 50, 1000)).isEqualTo(1); // 30 minutes later the average is 9
  }

  @Test
  void another_rule_holds_at_once() {
    for (int minute = 0; minute < 20; minute++) {
      spikes("k", minute, 100);
    }
    spikes("k", 20, 300);

    long told = IntStream.range(0, 400)
        .filter(i -> paces.count("k", 20, new Paces.Rule(4, 1)).isPresent()).count();

    assertThat(told).isEqualTo(1);
  }

  @Test
  void keys_beyond_the_bound_are_not_watched_until_others_are_idle() {
    for (int i = 0; i < Paces.MOST; i++) {
      paces.count("k" + i, 0, TENFOLD);
    }
    paces.count("late", 1, TENFOLD);
    assertThat(paces.size()).isEqualTo(Paces.MOST);

    paces.count("k7", 61, TENFOLD);
    paces.count("late", 61, TENFOLD);

    assertThat(paces.size()).isEqualTo(2);
  }

  private long spikes(String key, long minute, int requests) {
    return IntStream.range(0, requests).filter(i -> paces.count(key, minute, TENFOLD).isPresent()).count();
  }
}

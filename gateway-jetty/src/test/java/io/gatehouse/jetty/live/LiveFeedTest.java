package io.gatehouse.jetty.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveFeedTest {

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - Duration.ofMinutes(1).toNanos());
  private final LiveFeed feed =
      new LiveFeed(
          new LiveCounts(UnaryOperator.identity(), InstantSource.system()),
          List::of,
          Map::of,
          InstantSource.system(),
          nanos::get);

  @AfterEach
  void close() {
    feed.close();
  }

  @Test
  void who_looks_is_told_again_and_again() throws Exception {
    FakeReader reader = look();

    await().atMost(Duration.ofSeconds(30)).until(() -> reader.text().split("event: figures", -1).length > 2);

    assertThat(reader.text()).startsWith(": ");
    assertThat(reader.isOver()).isFalse();
  }

  @Test
  void who_takes_nothing_for_two_seconds_is_sent_away_and_the_others_are_not() throws Exception {
    FakeReader slow = look();
    FakeReader quick = look();
    slow.stopTaking();
    // Told after the slow one or before it: two of them say that the slow one has missed one.
    await().atMost(Duration.ofSeconds(30)).until(() -> quick.text().split("event: figures", -1).length > 2);
    assertThat(slow.isOver()).isFalse();

    nanos.addAndGet(Duration.ofSeconds(3).toNanos());

    await().atMost(Duration.ofSeconds(30)).until(slow::isOver);
    assertThat(slow.text()).doesNotContain("event: figures");
  }

  @Test
  void who_has_left_makes_room() throws Exception {
    FakeReader leaving = look();
    leaving.leave();

    await().atMost(Duration.ofSeconds(30)).until(leaving::isOver);
  }

  @Test
  void a_stream_ends_after_a_quarter_of_an_hour() throws Exception {
    FakeReader reader = look();
    nanos.addAndGet(Duration.ofMinutes(14).toNanos());
    await().atMost(Duration.ofSeconds(30)).until(() -> reader.text().contains("event: figures"));

    nanos.addAndGet(Duration.ofMinutes(2).toNanos());

    await().atMost(Duration.ofSeconds(30)).until(reader::isOver);
  }

  @Test
  void no_more_than_16_look_at_once_and_one_who_goes_gives_the_place_to_another() throws Exception {
    FakeReader first = look();
    for (int i = 1; i < LiveFeed.MOST_STREAMS; i++) {
      look();
    }
    FakeReader one = new FakeReader();
    assertThat(feed.open(one.request(), one.response())).isFalse();

    first.leave();
    await().atMost(Duration.ofSeconds(30)).until(first::isOver);

    assertThat(feed.open(one.request(), one.response())).isTrue();
  }

  @Test
  void closing_ends_all_streams_and_lets_no_more_begin() throws Exception {
    FakeReader reader = look();

    feed.close();

    assertThat(reader.isOver()).isTrue();
    assertThat(look().isOver()).isTrue();
  }

  private FakeReader look() throws Exception {
    FakeReader reader = new FakeReader();
    assertThat(feed.open(reader.request(), reader.response())).isTrue();
    return reader;
  }
}

package io.gatehouse.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.core.upstream.FairQueue.Place;
import io.gatehouse.core.upstream.FairQueue.Rules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private final List<String> served = new ArrayList<>();

  @Test
  void tenants_take_turns_however_many_requests_each_has() {
    FairQueue queue = queue(1, 100, 100);
    Place place = enter(queue, "greedy", "g0").orElseThrow();
    for (int i = 1; i <= 4; i++) {
      enter(queue, "greedy", "g" + i);
    }
    enter(queue, "modest", "m1");
    enter(queue, "other", "o1");
    enter(queue, "modest", "m2");

    drain(queue, place);

    assertThat(served).containsExactly("g0", "g1", "m1", "o1", "g2", "m2", "g3", "g4");
    assertThat(queue.waiting()).isZero();
    assertThat(queue.taken()).isZero();
  }

  @Test
  void so_many_are_at_backends_at_once_and_no_more() {
    FairQueue queue = queue(2, 10, 10);
    Place first = enter(queue, "a", "1").orElseThrow();
    enter(queue, "a", "2");
    Place third = enter(queue, "a", "3").orElseThrow();

    assertThat(served).containsExactly("1", "2");
    first.leave();
    first.leave();
    assertThat(served).containsExactly("1", "2", "3");
    assertThat(queue.taken()).isEqualTo(2);
    assertThat(third.giveUp()).as("it has its place").isFalse();
    third.leave();
    assertThat(queue.taken()).isEqualTo(1);
  }

  @Test
  void the_queue_is_bounded_in_all_and_for_each_tenant() {
    FairQueue queue = queue(1, 3, 2);
    enter(queue, "a", "1");

    assertThat(enter(queue, "a", "2")).isPresent();
    assertThat(enter(queue, "a", "3")).isPresent();
    assertThat(enter(queue, "a", "4")).isEmpty();
    assertThat(enter(queue, "b", "5")).isPresent();
    assertThat(enter(queue, "c", "6")).isEmpty();
    assertThat(queue.waiting()).isEqualTo(3);
    assertThat(served).containsExactly("1");
  }

  @Test
  void it_counts_who_waited_how_long_and_who_was_turned_away_for_what() {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    FairQueue queue = new FairQueue(new Rules(1, 2, 1, Duration.ofSeconds(1)), nanos::get);
    Place first = enter(queue, "a", "1").orElseThrow();
    Place second = enter(queue, "a", "2").orElseThrow();
    nanos.addAndGet(10);
    Place third = enter(queue, "b", "3").orElseThrow();
    enter(queue, "a", "4");
    enter(queue, "c", "5");
    assertThat(queue.figures()).isEqualTo(new FairQueue.Figures(0, 0, 2, 0, 0));

    first.leave();
    enter(queue, "b", "6");
    assertThat(third.giveUp()).isTrue();
    assertThat(third.giveUp()).isFalse();
    enter(queue, "b", "7").orElseThrow().leave();

    assertThat(queue.figures()).isEqualTo(new FairQueue.Figures(1, 10, 2, 1, 1));
    second.leave();
    assertThat(queue.taken()).isZero();
  }

  @Test
  void who_does_not_wait_any_longer_is_never_served() {
    FairQueue queue = queue(1, 10, 10);
    Place first = enter(queue, "a", "1").orElseThrow();
    Place second = enter(queue, "b", "2").orElseThrow();
    Place third = enter(queue, "b", "3").orElseThrow();

    assertThat(second.giveUp()).isTrue();
    assertThat(second.giveUp()).isFalse();
    second.leave();
    first.leave();

    assertThat(served).containsExactly("1", "3");
    third.leave();
    assertThat(queue.taken()).isZero();
  }

  @Test
  void without_a_number_of_places_nobody_waits_and_more_places_are_given_at_once() {
    FairQueue queue = queue(1, 10, 10);
    Place first = enter(queue, "a", "1").orElseThrow();
    for (int i = 2; i <= 5; i++) {
      enter(queue, "a", "" + i);
    }

    queue.become(new Rules(3, 10, 10, Duration.ofSeconds(1)));
    assertThat(served).containsExactly("1", "2", "3");
    queue.become(Rules.OFF);
    assertThat(served).containsExactly("1", "2", "3", "4", "5");
    enter(queue, "b", "6");
    assertThat(served).contains("6");
    queue.become(new Rules(1, 10, 10, Duration.ofSeconds(1)));
    first.leave();
    assertThat(enter(queue, "b", "7")).isPresent();
    assertThat(served).as("5 are there still").doesNotContain("7");
  }

  @Test
  void ten_thousand_that_leave_as_soon_as_they_are_served_do_not_nest() {
    FairQueue queue = queue(1, 20_000, 20_000);
    Place first = queue.enter("a", () -> { }).orElseThrow();
    AtomicInteger turns = new AtomicInteger();
    for (int i = 0; i < 10_000; i++) {
      Place[] own = new Place[1];
      own[0] = queue.enter("tenant " + i % 7, () -> {
        turns.incrementAndGet();
        own[0].leave();
      }).orElseThrow();
    }

    first.leave();

    assertThat(turns).hasValue(10_000);
    assertThat(queue.taken()).isZero();
  }

  @Test
  void one_whose_task_fails_does_not_keep_the_others_waiting() {
    FairQueue queue = queue(1, 10, 10);
    Place first = enter(queue, "a", "1").orElseThrow();
    Place second = queue.enter("a", () -> {
      throw new IllegalStateException("on purpose");
    }).orElseThrow();
    enter(queue, "b", "3");

    first.leave();
    second.leave();

    assertThat(served).containsExactly("1", "3");
  }

  @Test
  void many_threads_lose_no_place_and_nobody_is_served_twice() throws Exception {
    FairQueue queue = queue(3, 10_000, 10_000);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger tooMany = new AtomicInteger();
    int threads = 4;
    int rounds = 500;
    CountDownLatch over = new CountDownLatch(threads * rounds);
    for (int t = 0; t < threads; t++) {
      int thread = t;
      new Thread(() -> {
        Random random = new Random(thread);
        for (int i = 0; i < rounds; i++) {
          CountDownLatch turn = new CountDownLatch(1);
          Place place = queue.enter("tenant " + random.nextInt(3), turn::countDown).orElseThrow();
          if (random.nextInt(4) == 0 && place.giveUp()) {
            over.countDown();
            continue;
          }
          new Thread(() -> {
            try {
              if (turn.await(20, TimeUnit.SECONDS)) {
                tooMany.addAndGet(atOnce.incrementAndGet() > 3 ? 1 : 0);
                atOnce.decrementAndGet();
                place.leave();
                over.countDown();
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }).start();
        }
      }).start();
    }

    assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(tooMany).hasValue(0);
    assertThat(queue.taken()).isZero();
    assertThat(queue.waiting()).isZero();
  }

  private static FairQueue queue(int places, int waiting, int ofOne) {
    return new FairQueue(new Rules(places, waiting, ofOne, Duration.ofSeconds(1)));
  }

  private final List<Optional<Place>> places = new ArrayList<>();

  private Optional<Place> enter(FairQueue queue, String tenant, String name) {
    Optional<Place> place = queue.enter(tenant, () -> served.add(name));
    places.add(place);
    return place;
  }

  /** Whoever has a place leaves it, until nobody is there. */
  private void drain(FairQueue queue, Place first) {
    first.leave();
    while (queue.taken() > 0) {
      places.get(indexOf(served.get(served.size() - 1))).orElseThrow().leave();
    }
  }

  private int indexOf(String name) {
    return List.of("g0", "g1", "g2", "g3", "g4", "m1", "o1", "m2").indexOf(name);
  }
}

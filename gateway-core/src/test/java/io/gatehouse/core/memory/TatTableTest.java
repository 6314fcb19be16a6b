package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TatTableTest {

  @Test
  void an_id_keeps_its_place_while_its_moment_lies_ahead() {
    TatTable table = new TatTable(8);
    int place = table.claim(5, 100);
    assertThat(TatTable.isCommon(place)).isFalse();
    assertThat(table.read(place)).isEqualTo(100);
    assertThat(table.exchange(place, 5, 100, 200)).isTrue();
    assertThat(table.exchange(place, 5, 100, 300)).isFalse();

    for (long id = 10; id < 30; id++) {
      table.claim(id, 150);
    }

    assertThat(table.find(5)).isEqualTo(place);
    assertThat(table.read(place)).isEqualTo(200);
  }

  @Test
  void a_slot_whose_moment_has_passed_is_given_on_and_its_old_tenant_cannot_change_it() {
    TatTable table = new TatTable(8);
    int place = table.claim(1, 0);

    assertThat(table.claim(9, 0)).isEqualTo(place);
    assertThat(table.holds(place, 9)).isTrue();
    assertThat(table.holds(place, 1)).isFalse();

    // The moment of the new tenant happens to be the one that the old tenant had read.
    assertThat(table.exchange(place, 1, 0, 500)).isFalse();
    assertThat(table.exchange(place, 9, 500, 700)).isTrue();
    assertThat(table.exchange(place, 1, 700, 600)).isFalse();
    assertThat(table.read(place)).isEqualTo(700);
  }

  @Test
  void a_full_set_has_one_common_word_whose_debt_new_tenants_inherit() {
    TatTable table = new TatTable(8);
    for (long id = 1; id <= 8; id++) {
      int place = table.claim(id, 0);
      table.exchange(place, id, 0, 100);
    }
    int common = table.claim(9, 0);
    assertThat(TatTable.isCommon(common)).isTrue();
    assertThat(table.claim(10, 0)).isEqualTo(common);
    assertThat(table.exchange(common, 9, table.read(common), 900)).isTrue();

    int place = table.claim(9, 101);

    assertThat(TatTable.isCommon(place)).isFalse();
    assertThat(table.read(place)).isEqualTo(900);
    assertThat(table.exchange(common, 9, 900, 950)).isFalse();
    assertThat(table.exchange(common, 9, 950, 940)).isFalse();
    assertThat(table.read(common)).isEqualTo(950);
  }

  /**
   * Many ids, few slots, moments that pass at once: every slot changes hands all the time. Each successful exchange is a
   * permit; an id that is not forgotten may not lose one.
   */
  @Test
  void what_an_id_took_is_not_lost_while_slots_change_hands() throws Exception {
    TatTable table = new TatTable(8);
    AtomicLong clock = new AtomicLong(1);
    long kept = 1;
    AtomicLong taken = new AtomicLong();
    int first = table.claim(kept, 1);
    long far = 1L << 40;
    assertThat(table.exchange(first, kept, table.read(first), far)).isTrue();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(new Thread(() -> {
        for (int i = 0; i < 50_000; i++) {
          long now = clock.incrementAndGet();
          long id = i % 4 == 0 ? kept : 2 + ThreadLocalRandom.current().nextInt(40);
          while (true) {
            int place = table.claim(id, now);
            long stored = table.read(place);
            if (table.holds(place, id) && table.exchange(place, id, stored, Math.max(stored, now) + 1)) {
              break;
            }
          }
          if (id == kept) {
            taken.incrementAndGet();
          }
        }
      }));
    }
    for (Thread thread : threads) {
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(table.find(kept)).isEqualTo(first);
    assertThat(table.read(first)).isEqualTo(far + taken.get());
  }

  @Test
  void threads_that_bring_the_same_new_id_at_once_get_one_place() throws Exception {
    TatTable table = new TatTable(64);
    int rounds = 3000;
    CyclicBarrier together = new CyclicBarrier(3);
    int[][] places = new int[3][rounds];
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      int thread = t;
      threads.add(new Thread(() -> {
        for (int round = 0; round < rounds; round++) {
          try {
            together.await();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          places[thread][round] = table.claim(round + 1, round);
        }
      }));
    }
    for (Thread thread : threads) {
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(places[1]).isEqualTo(places[0]);
    assertThat(places[2]).isEqualTo(places[0]);
  }
}

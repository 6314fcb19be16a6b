package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.Observer;
import io.gatehouse.StoreException;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryCrossingLog;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.Window;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CrossingWatchTest {

  private static final QuotaKey KEY = new QuotaKey("alice", Meter.REQUESTS, Window.DAY, LocalDate.of(2026, 6, 1));
  private static final Quota THOUSAND = new Quota(Meter.REQUESTS, Window.DAY, 1_000);
  private static final List<Integer> USUAL = List.of(100, 50, 80);

  private final SettableClock clock = new SettableClock();
  private final MemoryDirectory directory = new MemoryDirectory();
  private final QuotaPlan plan = new QuotaPlan(List.of(THOUSAND), BillingCalendar.UTC, directory);
  private final CountingLog log = new CountingLog();
  private final List<Integer> told = Collections.synchronizedList(new ArrayList<>());
  private final List<CrossingWatch> open = new ArrayList<>();

  @AfterEach
  void close() {
    log.away = false;
    open.forEach(CrossingWatch::close);
  }

  @Test
  void each_threshold_is_told_once_and_those_that_were_jumped_over_too() {
    CrossingWatch watch = watch(USUAL);

    saw(watch, THOUSAND, 499);
    assertThat(told).isEmpty();
    saw(watch, THOUSAND, 500);
    saw(watch, THOUSAND, 501);
    assertThat(told).containsExactly(50);
    saw(watch, THOUSAND, 1_200);
    saw(watch, THOUSAND, 1_300);
    assertThat(told).containsExactly(50, 80, 100);
    assertThat(log.crossings(List.of(KEY))).containsExactly(
        new Crossing(KEY, 50, 1_000, 500, SettableClock.START),
        new Crossing(KEY, 80, 1_000, 1_200, SettableClock.START),
        new Crossing(KEY, 100, 1_000, 1_200, SettableClock.START));
  }

  @Test
  void of_several_nodes_and_after_a_restart_one_tells() {
    CrossingWatch one = watch(USUAL);
    CrossingWatch other = watch(USUAL);

    saw(one, THOUSAND, 850);
    saw(other, THOUSAND, 900);
    CrossingWatch restarted = watch(USUAL);
    saw(restarted, THOUSAND, 900);
    assertThat(told).containsExactly(50, 80);
  }

  @Test
  void what_was_noticed_is_not_asked_for_again() {
    CrossingWatch watch = watch(USUAL);
    saw(watch, THOUSAND, 850);
    int asked = log.asked.get();

    for (int i = 0; i < 100; i++) {
      saw(watch, THOUSAND, 850 + i);
    }

    assertThat(log.asked).hasValue(asked);
  }

  @Test
  void a_new_period_begins_anew() {
    CrossingWatch watch = watch(USUAL);
    saw(watch, THOUSAND, 600);
    QuotaKey tomorrow = new QuotaKey("alice", Meter.REQUESTS, Window.DAY, LocalDate.of(2026, 6, 2));

    watch.saw(tomorrow, THOUSAND, 700);
    watch.tell();

    assertThat(told).containsExactly(50, 50);
  }

  @Test
  void a_quota_that_lets_pass_what_is_beyond_it_tells_of_that_whatever_the_thresholds() {
    Quota soft = new Quota(Meter.REQUESTS, Window.DAY, 1_000, Beyond.SOFT);
    directory.replaceQuotas("alice", Optional.of(List.of(soft)));
    CrossingWatch watch = watch(List.of());

    saw(watch, soft, 999);
    saw(watch, soft, 1_000);

    assertThat(told).containsExactly(100);
  }

  @Test
  void while_the_log_is_away_nothing_is_lost() {
    CrossingWatch watch = watch(USUAL);
    log.away = true;
    saw(watch, THOUSAND, 600);
    assertThat(told).isEmpty();

    log.away = false;
    watch.tell();

    assertThat(told).containsExactly(50);
  }

  @Test
  void a_raised_quota_rearms_what_is_no_longer_crossed_and_nothing_else() {
    MemoryQuotaStore counts = new MemoryQuotaStore(clock);
    CrossingWatch watch = watch(USUAL);
    saw(watch, THOUSAND, counts.add(KEY, 850));
    Quota raised = new Quota(Meter.REQUESTS, Window.DAY, 1_500);

    directory.replaceQuotas("alice", Optional.of(List.of(raised)));
    watch.changed("alice");
    saw(watch, THOUSAND, counts.add(KEY, 1));
    saw(watch, raised, counts.add(KEY, 1));
    assertThat(told).as("a request that began before the change tells nothing").containsExactly(50, 80);

    saw(watch, raised, counts.add(KEY, 400));
    assertThat(told).containsExactly(50, 80, 80);
  }

  @Test
  void counts_that_are_begun_anew_have_their_own_crossings_and_the_old_ones_are_told_no_more() {
    MemoryQuotaStore counts = new MemoryQuotaStore(clock);
    QuotaAccounts accounts = new QuotaAccounts(counts, directory, plan, log, clock);
    CrossingWatch watch = watch(USUAL);
    saw(watch, THOUSAND, counts.add(KEY, 600));

    accounts.reset(QuotaOwner.ofUser("alice"), Optional.of(Meter.REQUESTS), Optional.empty());
    watch.changed("alice");
    saw(watch, THOUSAND, 900);
    assertThat(told).containsExactly(50);
    watch.saw(KEY.anew(), THOUSAND, 500);
    watch.tell();

    assertThat(told).containsExactly(50, 50);
  }

  @Test
  void thresholds_are_percentages() {
    assertThatIllegalArgumentException().isThrownBy(() -> watch(List.of(0)));
    assertThatIllegalArgumentException().isThrownBy(() -> watch(List.of(101)));
  }

  private CrossingWatch watch(List<Integer> thresholds) {
    Observer failing = new Observer() {
      @Override
      public void crossed(Crossing crossing) {
        throw new IllegalStateException("by intent");
      }
    };
    Observer listening = new Observer() {
      @Override
      public void crossed(Crossing crossing) {
        told.add(crossing.percent());
      }
    };
    CrossingWatch watch = new CrossingWatch(log, plan, thresholds, List.of(failing, listening), clock);
    open.add(watch);
    return watch;
  }

  private static void saw(CrossingWatch watch, Quota quota, long used) {
    watch.saw(KEY, quota, used);
    watch.tell();
  }

  private static final class CountingLog implements CrossingLog {
    private final CrossingLog log = new MemoryCrossingLog();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean away;

    @Override
    public boolean first(Crossing crossing) {
      asked.incrementAndGet();
      if (away) {
        throw new StoreException("away", null);
      }
      return log.first(crossing);
    }

    @Override
    public List<Crossing> crossings(Collection<QuotaKey> keys) {
      return log.crossings(keys);
    }
  }
}

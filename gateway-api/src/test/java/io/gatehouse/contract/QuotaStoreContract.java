package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision.Exhausted;
import io.gatehouse.quota.QuotaDecision.Granted;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link QuotaStore} keeps. The keys are those of the day at which the clock of the kit stands. */
public abstract class QuotaStoreContract extends StoreContract {

  private static final LocalDate DAY = LocalDate.of(2026, 6, 1);

  private final SettableClock clock = new SettableClock();

  /** A store that lives by this clock, should it need one. Called once by each test. */
  protected abstract QuotaStore store(SettableClock clock);

  @Test
  void a_count_starts_at_zero_and_adds_up() {
    QuotaStore store = store(clock);
    QuotaKey key = day();

    assertThat(store.used(key)).isZero();
    assertThat(store.add(key, 3)).isEqualTo(3);
    assertThat(store.add(key, 0)).isEqualTo(3);
    assertThat(store.add(key, 4)).isEqualTo(7);
    assertThat(store.used(key)).isEqualTo(7);
  }

  @Test
  void what_is_given_back_is_taken_off_and_never_below_zero() {
    QuotaStore store = store(clock);
    QuotaKey key = day();

    store.add(key, 10);
    assertThat(store.add(key, -4)).isEqualTo(6);
    assertThat(store.add(key, -100)).isZero();
    assertThat(store.add(key, 2)).isEqualTo(2);
    assertThat(store.add(day(), -1)).isZero();
  }

  @Test
  void what_is_settled_is_reckoned_with_at_once() {
    QuotaStore store = store(clock);
    QuotaKey key = day();

    store.add(key, 3);
    assertThat(store.settle(key, 4)).isEqualTo(7);
    assertThat(store.used(key)).isEqualTo(7);
    assertThat(store.settle(key, -2)).isEqualTo(5);
    assertThat(store.settle(key, 0)).isEqualTo(5);
    assertThat(store.used(key)).isEqualTo(5);
    Claim claim = new Claim(key, 6, 10);
    assertThat(store.addWithin(List.of(claim))).isEqualTo(new Exhausted(claim, 5));
  }

  @Test
  void a_claim_fits_up_to_and_including_the_most() {
    QuotaStore store = store(clock);
    QuotaKey key = day();

    assertThat(store.addWithin(List.of(new Claim(key, 6, 10)))).isEqualTo(new Granted());
    assertThat(store.addWithin(List.of(new Claim(key, 4, 10)))).isEqualTo(new Granted());
    Claim tooMuch = new Claim(key, 1, 10);
    assertThat(store.addWithin(List.of(tooMuch))).isEqualTo(new Exhausted(tooMuch, 10));
    assertThat(store.used(key)).isEqualTo(10);
  }

  @Test
  void a_claim_of_nothing_fits_unless_the_count_is_above_the_most() {
    QuotaStore store = store(clock);
    QuotaKey key = day();
    Claim nothing = new Claim(key, 0, 5);

    assertThat(store.addWithin(List.of(nothing))).isEqualTo(new Granted());
    store.add(key, 5);
    assertThat(store.addWithin(List.of(nothing))).isEqualTo(new Granted());
    store.add(key, 1);
    assertThat(store.addWithin(List.of(nothing))).isEqualTo(new Exhausted(nothing, 6));
  }

  @Test
  void a_claim_without_a_most_is_only_counted() {
    QuotaStore store = store(clock);
    QuotaKey key = day();

    store.add(key, 1_000_000);
    assertThat(store.addWithin(List.of(new Claim(key, 1_000_000, Long.MAX_VALUE)))).isEqualTo(new Granted());
    assertThat(store.used(key)).isEqualTo(2_000_000);
  }

  @Test
  void all_claims_are_added_or_none_and_the_first_that_does_not_fit_is_named() {
    QuotaStore store = store(clock);
    Claim fits = new Claim(day(), 1, 100);
    Claim full = new Claim(day(), 2, 1);
    Claim alsoFull = new Claim(day(), 3, 1);

    assertThat(store.addWithin(List.of(fits, full, alsoFull))).isEqualTo(new Exhausted(full, 0));

    assertThat(store.used(fits.key())).isZero();
    assertThat(store.used(full.key())).isZero();
    assertThat(store.addWithin(List.of(fits, new Claim(full.key(), 1, 1)))).isEqualTo(new Granted());
    assertThat(store.used(fits.key())).isEqualTo(1);
    assertThat(store.used(full.key())).isEqualTo(1);
  }

  @Test
  void a_user_and_a_key_beside_the_user_have_counts_of_their_own_and_are_decided_in_one() {
    QuotaStore store = store(clock);
    String user = fresh("owner");
    QuotaKey ofUser = new QuotaKey(user, Meter.REQUESTS, Window.DAY, DAY);
    QuotaKey ofKey = new QuotaKey(QuotaOwner.ofKey(user, fresh("key")).text(), Meter.REQUESTS, Window.DAY, DAY);
    Claim full = new Claim(ofKey, 1, 2);

    assertThat(store.addWithin(List.of(new Claim(ofUser, 1, 10), full))).isEqualTo(new Granted());
    store.add(ofUser, 3);
    assertThat(store.addWithin(List.of(new Claim(ofUser, 1, 10), full))).isEqualTo(new Granted());
    assertThat(store.addWithin(List.of(new Claim(ofUser, 1, 10), full))).isEqualTo(new Exhausted(full, 2));
    assertThat(store.peek(List.of(new Claim(ofUser, 1, 10), full))).isEqualTo(new Exhausted(full, 2));

    assertThat(store.used(ofUser)).isEqualTo(5);
    assertThat(store.used(ofKey)).isEqualTo(2);
  }

  @Test
  void counts_are_told_apart_by_every_part_of_their_key() {
    QuotaStore store = store(clock);
    String owner = fresh("owner");
    QuotaKey key = new QuotaKey(owner, Meter.REQUESTS, Window.DAY, DAY);

    store.add(key, 1);

    assertThat(store.used(new QuotaKey(owner + "x", Meter.REQUESTS, Window.DAY, DAY))).isZero();
    assertThat(store.used(new QuotaKey(owner, Meter.BYTES, Window.DAY, DAY))).isZero();
    assertThat(store.used(new QuotaKey(owner, Meter.REQUESTS, Window.MONTH, DAY))).isZero();
    assertThat(store.used(new QuotaKey(owner, Meter.REQUESTS, Window.DAY, DAY.plusDays(1)))).isZero();
    assertThat(store.used(key.anew())).isZero();
    assertThat(store.used(key)).isEqualTo(1);
  }

  @Test
  void a_count_that_is_begun_anew_begins_at_zero_and_what_is_settled_late_goes_to_the_old_one() {
    QuotaStore store = store(clock);
    QuotaKey old = day();
    store.addWithin(List.of(new Claim(old, 10, 10)));

    assertThat(store.addWithin(List.of(new Claim(old.anew(), 4, 10)))).isEqualTo(new Granted());
    store.settle(old, 50);
    store.settle(old.anew(), 1);

    assertThat(store.used(old)).isEqualTo(60);
    assertThat(store.used(old.anew())).isEqualTo(5);
    Claim six = new Claim(old.anew(), 6, 10);
    assertThat(store.addWithin(List.of(six))).isEqualTo(new Exhausted(six, 5));
  }

  @Test
  void every_meter_is_counted_by_itself() {
    QuotaStore store = store(clock);
    String owner = fresh("owner");
    for (Meter meter : Meter.values()) {
      store.add(key(owner, meter), meter.ordinal() + 1);
    }

    for (Meter meter : Meter.values()) {
      assertThat(store.used(key(owner, meter))).as(meter.name()).isEqualTo(meter.ordinal() + 1);
    }
  }

  @Test
  void what_is_stored_rises_and_falls_and_is_there_in_a_year() {
    QuotaStore store = store(clock);
    QuotaKey key = key(fresh("owner"), Meter.STORED_BYTES);

    store.addWithin(List.of(new Claim(key, 80, 100)));
    Claim tooMuch = new Claim(key, 21, 100);
    assertThat(store.addWithin(List.of(tooMuch))).isEqualTo(new Exhausted(tooMuch, 80));
    store.add(key, -50);
    clock.advance(Duration.ofDays(400));
    store.add(new QuotaKey(fresh("owner"), Meter.REQUESTS, Window.DAY, DAY.plusDays(400)), 1);

    assertThat(store.used(key)).isEqualTo(30);
    assertThat(store.addWithin(List.of(tooMuch))).isEqualTo(new Granted());
    assertThat(store.used(key)).isEqualTo(51);
  }

  @Test
  void counts_are_exact_up_to_two_to_the_power_of_53() {
    QuotaStore store = store(clock);
    QuotaKey key = new QuotaKey(fresh("owner"), Meter.BYTES, Window.MONTH, DAY);
    long most = 1L << 53;

    assertThat(store.add(key, most - 2)).isEqualTo(most - 2);
    assertThat(store.addWithin(List.of(new Claim(key, 1, most)))).isEqualTo(new Granted());
    assertThat(store.used(key)).isEqualTo(most - 1);
    Claim two = new Claim(key, 2, most);
    assertThat(store.addWithin(List.of(two))).isEqualTo(new Exhausted(two, most - 1));
    assertThat(store.addWithin(List.of(new Claim(key, 1, most)))).isEqualTo(new Granted());
    assertThat(store.used(key)).isEqualTo(most);
  }

  @Test
  void a_peek_decides_as_the_real_call_would_and_adds_nothing() {
    QuotaStore store = store(clock);
    Claim wide = new Claim(day(), 2, 100);
    Claim narrow = new Claim(day(), 2, 3);
    Claim counted = new Claim(day(), 5, Long.MAX_VALUE);

    for (int i = 0; i < 1_000; i++) {
      assertThat(store.peek(List.of(wide, narrow, counted))).isEqualTo(new Granted());
    }
    assertThat(store.used(wide.key()) + store.used(narrow.key()) + store.used(counted.key())).isZero();

    assertThat(store.addWithin(List.of(wide, narrow, counted))).isEqualTo(new Granted());
    assertThat(store.peek(List.of(wide, narrow, counted))).isEqualTo(new Exhausted(narrow, 2));
    assertThat(store.addWithin(List.of(wide, narrow, counted))).isEqualTo(new Exhausted(narrow, 2));
    assertThat(store.peek(List.of(new Claim(narrow.key(), 1, 3)))).isEqualTo(new Granted());
    assertThat(store.peek(List.of(new Claim(narrow.key(), 0, 1)))).isInstanceOf(Exhausted.class);
    assertThat(store.used(wide.key())).isEqualTo(2);
  }

  @Test
  void many_threads_together_add_every_amount_once() {
    QuotaStore store = store(clock);
    QuotaKey key = day();

    Crowd.sum(8, 100, (thread, round) -> store.add(key, thread + 1));

    assertThat(store.used(key)).isEqualTo(100 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8));
  }

  @Test
  void many_threads_together_never_pass_the_most_and_reach_it() {
    QuotaStore store = store(clock);
    Claim claim = new Claim(day(), 3, 601);

    long granted = Crowd.sum(8, 100, (thread, round) ->
        store.addWithin(List.of(claim)) instanceof Granted ? 1 : 0);

    assertThat(granted).isEqualTo(200);
    assertThat(store.used(claim.key())).isEqualTo(600);
  }

  @Test
  void many_threads_with_several_claims_never_add_a_part() {
    QuotaStore store = store(clock);
    Claim wide = new Claim(day(), 1, 1_000_000);
    Claim narrow = new Claim(day(), 1, 50);

    long granted = Crowd.sum(8, 50, (thread, round) -> store.addWithin(
        thread % 2 == 0 ? List.of(wide, narrow) : List.of(narrow, wide)) instanceof Granted ? 1 : 0);

    assertThat(granted).isEqualTo(50);
    assertThat(store.used(wide.key())).isEqualTo(50);
    assertThat(store.used(narrow.key())).isEqualTo(50);
  }

  @Test
  void a_store_that_cannot_answer_says_so_and_recovers() throws Exception {
    QuotaStore store = store(clock);
    QuotaKey key = day();
    store.add(key, 1);

    whileBroken(
        () -> store.used(key),
        () -> store.add(key, 1),
        () -> store.peek(List.of(new Claim(key, 1, 10))),
        () -> store.addWithin(List.of(new Claim(key, 1, 10))));

    assertThat(store.used(day())).isZero();
  }

  private static QuotaKey key(String owner, Meter meter) {
    return meter == Meter.STORED_BYTES
        ? new QuotaKey(owner, meter, Window.LIFETIME, LocalDate.EPOCH)
        : new QuotaKey(owner, meter, Window.MONTH, DAY);
  }

  private static QuotaKey day() {
    return new QuotaKey(fresh("owner"), Meter.REQUESTS, Window.DAY, DAY);
  }
}

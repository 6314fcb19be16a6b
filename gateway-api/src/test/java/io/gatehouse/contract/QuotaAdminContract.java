package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.Window;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link QuotaAdmin} keeps. */
public abstract class QuotaAdminContract extends StoreContract {

  private static final LocalDate JUNE = LocalDate.of(2026, 6, 1);
  private static final Quota DAILY = new Quota(Meter.REQUESTS, Window.DAY, 10_000);
  private static final Quota MONTHLY = new Quota(Meter.BYTES, Window.MONTH, 100L << 30);

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract QuotaAdmin quotas();

  /** Makes a user with this id, where quotas need one. */
  protected abstract void addOwner(String id);

  /** Makes a key with this id, of its own lineage, for a user. */
  protected abstract void addKey(String user, String id);

  /** Deletes a key. */
  protected abstract void deleteKey(String id);

  @Test
  void none_of_its_own_differs_from_none_at_all() {
    String owner = owner();

    assertThat(quotas().quotasOf(owner)).isEmpty();
    quotas().replaceQuotas(owner, Optional.of(List.of()));
    assertThat(quotas().quotasOf(owner)).contains(List.of());
    quotas().replaceQuotas(owner, Optional.empty());
    assertThat(quotas().quotasOf(owner)).isEmpty();
  }

  @Test
  void quotas_are_kept_exactly_and_replaced_as_a_whole() {
    String owner = owner();
    Quota nothing = new Quota(Meter.BYTES, Window.DAY, 0);
    Quota everything = new Quota(Meter.REQUESTS, Window.MONTH, Long.MAX_VALUE);

    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY, MONTHLY, nothing, everything)));
    assertThat(quotas().quotasOf(owner).orElseThrow())
        .containsExactlyInAnyOrder(DAILY, MONTHLY, nothing, everything);

    quotas().replaceQuotas(owner, Optional.of(List.of(MONTHLY)));
    assertThat(quotas().quotasOf(owner)).contains(List.of(MONTHLY));
    assertThat(quotas().quotasOf(owner())).isEmpty();
  }

  @Test
  void two_quotas_of_one_meter_and_window_are_a_mistake_and_change_nothing() {
    String owner = owner();
    quotas().replaceQuotas(owner, Optional.of(List.of(MONTHLY)));

    assertThatIllegalArgumentException().isThrownBy(() -> quotas().replaceQuotas(owner,
        Optional.of(List.of(DAILY, new Quota(Meter.REQUESTS, Window.DAY, 5)))));

    assertThat(quotas().quotasOf(owner)).contains(List.of(MONTHLY));
  }

  @Test
  void a_shadow_stands_beside_an_enforced_quota_of_the_same_meter_and_window() {
    String owner = owner();
    Quota lower = new Quota(Meter.REQUESTS, Window.DAY, 500).asShadow();

    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY, lower)));
    assertThat(quotas().quotasOf(owner).orElseThrow()).containsExactlyInAnyOrder(DAILY, lower);
    assertThatIllegalArgumentException().isThrownBy(() -> quotas().replaceQuotas(owner,
        Optional.of(List.of(lower, DAILY.asShadow()))));

    quotas().replaceQuotas(owner, Optional.of(List.of(lower)));
    assertThat(quotas().quotasOf(owner)).contains(List.of(lower));
    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY)));
    assertThat(quotas().quotasOf(owner)).contains(List.of(DAILY));
  }

  @Test
  void every_meter_and_what_is_done_beyond_it_is_kept_exactly() {
    String owner = owner();
    List<Quota> all = List.of(
        new Quota(Meter.REQUESTS, Window.DAY, 10, Beyond.SOFT),
        new Quota(Meter.BYTES, Window.DAY, 10, Beyond.OVERAGE),
        new Quota(Meter.REQUEST_BYTES, Window.MONTH, 20).withOverage(30),
        new Quota(Meter.RESPONSE_BYTES, Window.MONTH, 40),
        new Quota(Meter.PIXELS, Window.DAY, 50).asShadow(),
        new Quota(Meter.STORED_BYTES, Window.LIFETIME, 60),
        DAILY.asShadow());

    quotas().replaceQuotas(owner, Optional.of(all));
    assertThat(quotas().quotasOf(owner).orElseThrow()).containsExactlyInAnyOrderElementsOf(all);

    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY)));
    assertThat(quotas().quotasOf(owner)).contains(List.of(DAILY));
    assertThatIllegalArgumentException().isThrownBy(() -> quotas().replaceQuotas(owner,
        Optional.of(List.of(DAILY, new Quota(Meter.REQUESTS, Window.DAY, 5, Beyond.SOFT)))));
  }

  @Test
  void a_key_has_quotas_beside_those_of_its_user_until_it_is_deleted() {
    String owner = owner();
    String key = key(owner);
    List<Quota> all = List.of(
        DAILY,
        MONTHLY.asShadow(),
        new Quota(Meter.REQUEST_BYTES, Window.MONTH, 20).withOverage(30),
        new Quota(Meter.PIXELS, Window.DAY, 50, Beyond.SOFT));

    assertThat(quotas().keyQuotasOf(key)).isEmpty();
    quotas().replaceKeyQuotas(key, all);
    assertThat(quotas().keyQuotasOf(key)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(quotas().quotasOf(owner)).isEmpty();
    assertThat(quotas().keyQuotasOf(key(owner))).isEmpty();

    quotas().replaceKeyQuotas(key, List.of(MONTHLY));
    assertThat(quotas().keyQuotasOf(key)).containsExactly(MONTHLY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quotas().replaceKeyQuotas(key, List.of(DAILY, new Quota(Meter.REQUESTS, Window.DAY, 5))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quotas().replaceKeyQuotas(key, List.of(new Quota(Meter.STORED_BYTES, Window.LIFETIME, 5))));
    assertThatIllegalArgumentException().isThrownBy(() -> quotas().replaceKeyQuotas(fresh("key"), List.of(DAILY)));
    assertThat(quotas().keyQuotasOf(key)).containsExactly(MONTHLY);

    deleteKey(key);
    assertThat(quotas().keyQuotasOf(key)).isEmpty();
  }

  @Test
  void counts_of_a_key_are_begun_anew_without_those_of_its_user() {
    String owner = owner();
    String key = key(owner);
    String ofKey = QuotaOwner.ofKey(owner, key).text();
    QuotaKey count = new QuotaKey(ofKey, Meter.REQUESTS, Window.DAY, JUNE);

    quotas().beginAnew(ofKey, List.of(count));
    assertThat(quotas().resetsOf(ofKey)).containsExactly(count.anew());
    assertThat(quotas().resetsOf(owner)).isEmpty();

    quotas().beginAnew(ofKey, List.of(count.anew()));
    assertThat(quotas().resetsOf(ofKey)).containsExactly(count.anew().anew());
    assertThatIllegalArgumentException().isThrownBy(() -> quotas().beginAnew(owner, List.of(count)));
    deleteKey(key);
    assertThat(quotas().resetsOf(ofKey)).isEmpty();
  }

  @Test
  void a_calendar_is_kept_and_taken_back() {
    String owner = owner();
    BillingCalendar calendar = new BillingCalendar(ZoneId.of("Europe/Berlin"), 31);
    BillingCalendar utc = new BillingCalendar(ZoneOffset.UTC, 15);

    assertThat(quotas().calendarOf(owner)).isEmpty();
    quotas().replaceCalendar(owner, Optional.of(calendar));
    assertThat(quotas().calendarOf(owner)).contains(calendar);
    quotas().replaceCalendar(owner, Optional.of(utc));
    assertThat(quotas().calendarOf(owner)).contains(utc);
    assertThat(quotas().calendarOf(owner())).isEmpty();
    assertThat(quotas().quotasOf(owner)).isEmpty();
    quotas().replaceCalendar(owner, Optional.empty());
    assertThat(quotas().calendarOf(owner)).isEmpty();
  }

  @Test
  void counts_are_begun_anew_once_for_those_who_do_it_at_once_and_again_for_those_who_do_it_later() {
    String owner = owner();
    QuotaKey day = new QuotaKey(owner, Meter.REQUESTS, Window.DAY, JUNE);
    QuotaKey month = new QuotaKey(owner, Meter.BYTES, Window.MONTH, JUNE);

    assertThat(quotas().resetsOf(owner)).isEmpty();
    quotas().beginAnew(owner, List.of(day, month));
    quotas().beginAnew(owner, List.of(day));
    assertThat(quotas().resetsOf(owner)).containsExactlyInAnyOrder(day.anew(), month.anew());

    quotas().beginAnew(owner, List.of(day.anew()));
    assertThat(quotas().resetsOf(owner)).containsExactlyInAnyOrder(day.anew().anew(), month.anew());
    assertThat(quotas().resetsOf(owner())).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> quotas().beginAnew(owner(), List.of(day)));
  }

  @Test
  void counts_begun_anew_in_periods_that_are_long_over_are_forgotten_and_those_of_running_ones_are_not() {
    String owner = owner();
    QuotaKey june = new QuotaKey(owner, Meter.BYTES, Window.MONTH, JUNE);
    QuotaKey july = new QuotaKey(owner, Meter.BYTES, Window.MONTH, JUNE.plusMonths(1));
    QuotaKey december = new QuotaKey(owner, Meter.BYTES, Window.MONTH, JUNE.plusMonths(6));

    quotas().beginAnew(owner, List.of(june));
    quotas().beginAnew(owner, List.of(july));
    assertThat(quotas().resetsOf(owner)).containsExactlyInAnyOrder(june.anew(), july.anew());

    quotas().beginAnew(owner, List.of(december));
    assertThat(quotas().resetsOf(owner)).containsExactly(december.anew());
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_there_is_no_quota() throws Exception {
    String owner = owner();
    String key = key(owner);
    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY)));

    whileBroken(
        () -> quotas().quotasOf(owner),
        () -> quotas().keyQuotasOf(key),
        () -> quotas().replaceKeyQuotas(key, List.of(DAILY)),
        () -> quotas().calendarOf(owner),
        () -> quotas().resetsOf(owner),
        () -> quotas().replaceQuotas(owner, Optional.empty()),
        () -> quotas().replaceCalendar(owner, Optional.of(BillingCalendar.UTC)),
        () -> quotas().beginAnew(owner, List.of(new QuotaKey(owner, Meter.BYTES, Window.MONTH, JUNE))));

    assertThat(quotas().quotasOf(owner)).contains(List.of(DAILY));
  }

  private String key(String owner) {
    String key = fresh("key");
    addKey(owner, key);
    return key;
  }

  private String owner() {
    String owner = fresh("owner");
    addOwner(owner);
    return owner;
  }
}

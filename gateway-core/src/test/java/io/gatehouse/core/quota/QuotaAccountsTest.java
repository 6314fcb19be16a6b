package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryCrossingLog;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.quota.QuotaAccounts.Account;
import io.gatehouse.event.Crossing;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuotaAccountsTest {

  private static final QuotaOwner KEY = QuotaOwner.ofKey("alice", "k1");
  private static final LocalDate JUNE = LocalDate.of(2026, 6, 1);
  private static final Instant MIDNIGHT = Instant.parse("2026-06-01T00:00:00Z");
  private static final Quota TEN = new Quota(Meter.REQUESTS, Window.DAY, 10);

  private final SettableClock clock = new SettableClock();
  private final MemoryDirectory directory = new MemoryDirectory();
  private final MemoryQuotaStore counts = new MemoryQuotaStore(clock);
  private final MemoryCrossingLog crossings = new MemoryCrossingLog();
  private final QuotaAccounts accounts =
      new QuotaAccounts(
          counts, directory, new QuotaPlan(List.of(), BillingCalendar.UTC, directory), crossings, clock);

  @BeforeEach
  void add() {
    directory.addUser(new User("alice", "alice", true, Instant.EPOCH));
    directory.addKey(
        new ApiKey("k1", "alice", "", "gk", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty()),
        new KeyDigest(1, 1, 2, 3, 4));
  }

  @Test
  void a_forecast_goes_on_as_the_period_began() {
    Account account = account(TEN, 3, MIDNIGHT, Optional.of(MIDNIGHT.plus(Duration.ofDays(1))));

    assertThat(account.forecastAt(MIDNIGHT.plus(Duration.ofHours(6)))).hasValue(12);
    assertThat(account.forecastAt(MIDNIGHT.plus(Duration.ofHours(20)))).as("rounded up").hasValue(4);
    assertThat(account.forecastAt(MIDNIGHT.plus(Duration.ofDays(1)))).hasValue(3);
    assertThat(account.forecastAt(MIDNIGHT.plus(Duration.ofDays(2)))).as("of a period that is over").hasValue(3);
    assertThat(account.forecastAt(MIDNIGHT.plus(Duration.ofMinutes(14)))).as("too early").isEmpty();
    assertThat(account.forecastAt(MIDNIGHT.plus(Duration.ofMinutes(15)))).hasValue(288);
    assertThat(account(TEN, Long.MAX_VALUE, MIDNIGHT, account.ends()).forecastAt(MIDNIGHT.plusSeconds(3600)))
        .as("as much as stores can hold").hasValue(1L << 53);
    assertThat(account(TEN, 3, MIDNIGHT, Optional.empty()).forecastAt(MIDNIGHT)).isEqualTo(OptionalLong.empty());
  }

  @Test
  void a_key_has_accounts_of_what_its_quotas_name_and_they_are_begun_anew_by_themselves() {
    directory.replaceKeyQuotas("k1", List.of(TEN));
    QuotaKey ofKey = new QuotaKey(KEY.text(), Meter.REQUESTS, Window.DAY, JUNE);
    QuotaKey ofUser = new QuotaKey("alice", Meter.REQUESTS, Window.DAY, JUNE);
    counts.add(ofKey, 3);
    counts.add(ofUser, 5);

    assertThat(accounts.accountsOf(KEY)).singleElement().satisfies(account -> {
      assertThat(account.key()).isEqualTo(ofKey);
      assertThat(account.quota()).contains(TEN);
      assertThat(account.used()).isEqualTo(3);
    });
    assertThat(accounts.accountsOf("alice")).hasSize(4);

    accounts.reset(KEY, Optional.empty(), Optional.empty());
    assertThat(accounts.accountsOf(KEY)).singleElement().satisfies(account -> {
      assertThat(account.key()).isEqualTo(ofKey.anew());
      assertThat(account.used()).isZero();
    });
    assertThat(accounts.accountsOf("alice").get(0).used()).isEqualTo(5);
  }

  @Test
  void thresholds_of_a_quota_that_has_grown_are_not_told_as_crossed() {
    directory.replaceQuotas("alice", Optional.of(List.of(TEN)));
    QuotaKey key = new QuotaKey("alice", Meter.REQUESTS, Window.DAY, JUNE);
    for (int percent : new int[] {50, 80, 100}) {
      crossings.first(new Crossing(key, percent, 10, percent / 10, clock.instant()));
    }
    assertThat(crossed()).containsExactly(50, 80, 100);

    directory.replaceQuotas("alice", Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 12))));
    assertThat(crossed()).as("5 of 12 are less than the half, 8 less than 80 %, 10 less than all").isEmpty();
    directory.replaceQuotas("alice", Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 9))));
    assertThat(crossed()).containsExactly(50, 80, 100);
  }

  private List<Integer> crossed() {
    return accounts.accountsOf("alice").get(0).crossings().stream().map(Crossing::percent).toList();
  }

  private static Account account(Quota quota, long used, Instant begins, Optional<Instant> ends) {
    return new Account(
        new QuotaKey("alice", quota.meter(), quota.window(), JUNE), Optional.of(quota), used, begins, ends, List.of());
  }
}

package io.gatehouse.examples.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.contract.QuotaStoreContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalQuotaStoreTest extends QuotaStoreContract {

  private static final LocalDate DAY = LocalDate.of(2026, 6, 1);
  private static final QuotaKey REQUESTS = new QuotaKey("a /=%é\n", Meter.REQUESTS, Window.DAY, DAY);
  private static final QuotaKey BYTES = new QuotaKey("a /=%é\n", Meter.BYTES, Window.MONTH, DAY);

  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private final List<JournalQuotaStore> opened = new ArrayList<>();

  /** Its answers come from memory, so it cannot be broken as the kit means it; what a failed write does is tested below. */
  @Override
  protected QuotaStore store(SettableClock clock) {
    return open(clock);
  }

  @AfterEach
  void close() {
    opened.forEach(JournalQuotaStore::close);
  }

  @Test
  void what_was_granted_is_there_when_the_process_is_gone() {
    open(clock).addWithin(List.of(new Claim(REQUESTS, 1, 10), new Claim(BYTES, 500, 1000)));
    abandon();

    JournalQuotaStore again = open(clock);

    assertThat(again.used(REQUESTS)).isEqualTo(1);
    assertThat(again.used(BYTES)).isEqualTo(500);
    assertThat(again.addWithin(List.of(new Claim(REQUESTS, 9, 10)))).isEqualTo(new QuotaDecision.Granted());
    assertThat(again.add(BYTES, -100)).isEqualTo(400);
  }

  @Test
  void a_decision_that_was_not_written_to_its_end_was_not_made() throws IOException {
    open(clock).add(REQUESTS, 5);
    abandon();
    String whole = Files.readString(journal());
    Files.writeString(journal(), whole.strip().replace("=5", "=6 a/BY"), StandardOpenOption.APPEND);

    JournalQuotaStore again = open(clock);

    assertThat(again.used(REQUESTS)).isEqualTo(5);
    again.add(REQUESTS, 1);
    abandon();
    assertThat(open(clock).used(REQUESTS)).isEqualTo(6);
  }

  @Test
  void a_write_that_fails_grants_nothing() {
    JournalQuotaStore store = open(clock);
    store.add(REQUESTS, 5);
    store.close();

    assertThatThrownBy(() -> store.add(REQUESTS, 1)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.addWithin(List.of(new Claim(REQUESTS, 1, 10)))).isInstanceOf(StoreException.class);
    assertThat(store.used(REQUESTS)).isEqualTo(5);
    assertThat(open(clock).used(REQUESTS)).isEqualTo(5);
  }

  @Test
  void an_interrupted_thread_counts_like_any_other() {
    JournalQuotaStore store = open(clock);

    Thread.currentThread().interrupt();
    store.add(REQUESTS, 1);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.add(REQUESTS, 1)).isEqualTo(2);
  }

  @Test
  void a_journal_that_has_become_long_is_written_anew() throws IOException {
    JournalQuotaStore store = open(clock);
    for (int i = 0; i < JournalQuotaStore.SPARE_LINES + 50; i++) {
      store.add(REQUESTS, 1);
    }

    assertThat(Files.readAllLines(journal())).hasSizeLessThan(100);
    abandon();
    assertThat(open(clock).used(REQUESTS)).isEqualTo(JournalQuotaStore.SPARE_LINES + 50);
  }

  @Test
  void counts_of_periods_that_are_over_are_dropped_when_it_is_written_anew() {
    JournalQuotaStore store = open(clock);
    store.add(REQUESTS, 1);
    store.add(BYTES, 1);
    abandon();

    clock.advance(Duration.ofDays(5));

    assertThat(open(clock).used(REQUESTS)).isZero();
    abandon();
    assertThat(open(clock).used(BYTES)).isEqualTo(1);
  }

  @Test
  void what_is_no_journal_is_refused_and_left_as_it_is() throws IOException {
    Files.writeString(journal(), "alice/REQUESTS/DAY/2026-06-01=1\nhello\n");

    assertThatThrownBy(() -> open(clock)).isInstanceOf(StoreException.class).hasMessageContaining("hello");

    assertThat(journal()).hasContent("alice/REQUESTS/DAY/2026-06-01=1\nhello\n");
    Files.writeString(journal(), "alice/REQUESTS/DAY/2026-06-01=1\n");
    assertThat(open(clock).used(new QuotaKey("alice", Meter.REQUESTS, Window.DAY, DAY))).isEqualTo(1);
  }

  @Test
  void two_of_them_do_not_write_into_one_journal() {
    open(clock);

    assertThatThrownBy(() -> open(clock)).isInstanceOf(StoreException.class).hasMessageContaining("open already");
  }

  private JournalQuotaStore open(SettableClock clock) {
    JournalQuotaStore store = new JournalQuotaStore(journal(), clock);
    opened.add(store);
    return store;
  }

  /** As good as a killed process: closing writes nothing, it only lets go of the lock. */
  private void abandon() {
    opened.get(opened.size() - 1).close();
  }

  private Path journal() {
    return directory.resolve("use.journal");
  }
}

package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.AuditLog.Position;
import io.gatehouse.admin.AuditLog.Question;
import io.gatehouse.admin.AuditRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link AuditLog} keeps. */
public abstract class AuditLogContract extends StoreContract {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

  private final String administrator = fresh("administrator");
  private final Question mine = Question.between(NOON.minusSeconds(60), NOON.plusSeconds(60)).by(administrator);

  /** The log under test; the same one whenever it is asked for within a test. */
  protected abstract AuditLog log();

  @Test
  void what_was_written_is_read_as_it_was() {
    AuditRecord record =
        new AuditRecord(
            fresh("id"), NOON, administrator, "Ölga", "2001:db8::1", "request-1", "addUser", "users/1", "", "{\"a\":\"ü\"}");

    log().record(record);

    assertThat(log().newest(mine, 9)).containsExactly(record);
    assertThatThrownBy(() -> log().record(record)).isInstanceOf(IllegalArgumentException.class);
    assertThat(log().newest(mine, 9)).containsExactly(record);
  }

  @Test
  void the_newest_come_first_page_by_page_each_once() {
    List<AuditRecord> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      AuditRecord record = record("users/1", NOON.plusMillis(i / 3));
      log().record(record);
      all.add(record);
    }
    all.sort((a, b) -> a.at().equals(b.at()) ? b.id().compareTo(a.id()) : b.at().compareTo(a.at()));

    List<AuditRecord> seen = new ArrayList<>();
    Question question = mine;
    List<AuditRecord> page = log().newest(question, 2);
    while (!page.isEmpty()) {
      seen.addAll(page);
      AuditRecord last = page.get(page.size() - 1);
      question = mine.after(new Position(last.at(), last.id()));
      page = log().newest(question, 2);
    }

    assertThat(seen).containsExactlyElementsOf(all);
  }

  @Test
  void an_object_is_found_with_what_belongs_to_it_and_without_its_neighbours() {
    AuditRecord user = record("users/1", NOON);
    AuditRecord limits = record("users/1/limits", NOON.plusMillis(1));
    List.of(user, limits, record("users/10", NOON), record("users/1-", NOON), record("users", NOON), record("keys/1", NOON))
        .forEach(log()::record);

    assertThat(log().newest(mine.on("users/1"), 9)).containsExactly(limits, user);
    assertThat(log().newest(mine.on("users/1/limits"), 9)).containsExactly(limits);
    assertThat(log().newest(mine.on("users"), 9)).hasSize(5);
    assertThat(log().newest(mine.on("user"), 9)).isEmpty();
    assertThat(log().newest(mine.doing("change"), 9)).hasSize(6);
    assertThat(log().newest(mine.doing("other"), 9)).isEmpty();
  }

  @Test
  void the_first_moment_is_included_and_the_last_is_not() {
    AuditRecord record = record("users/1", NOON);
    log().record(record);

    assertThat(log().newest(Question.between(NOON, NOON.plusMillis(1)).by(administrator), 9)).containsExactly(record);
    assertThat(log().newest(Question.between(NOON.minusMillis(1), NOON).by(administrator), 9)).isEmpty();
  }

  @Test
  void what_is_old_is_forgotten() {
    Instant then = Instant.parse("2001-01-01T00:00:00Z");
    AuditRecord old = record("users/1", then.minusMillis(1));
    AuditRecord kept = record("users/1", then);
    log().record(old);
    log().record(kept);

    log().forget(then);

    Duration day = Duration.ofDays(1);
    assertThat(log().newest(Question.between(then.minus(day), then.plus(day)).by(administrator), 9))
        .containsExactly(kept);
  }

  @Test
  void a_broken_log_says_so() throws Exception {
    whileBroken(() -> log().newest(mine, 1), () -> log().record(record("users/1", NOON)));
  }

  private AuditRecord record(String object, Instant at) {
    return new AuditRecord(fresh("id"), at, administrator, "", "", "", "change", object, "", "");
  }
}

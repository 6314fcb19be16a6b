package io.gatehouse.core.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.core.memory.MemoryTrafficLog;
import io.gatehouse.core.memory.MemoryUsageLog;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog.Violations;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.UsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaCounts;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {

  private static final LocalDate DAY = LocalDate.of(2026, 6, 1);
  private static final QuotaKey KEY = new QuotaKey("alice", Meter.BYTES, Window.MONTH, DAY);
  private static final QuotaKey OTHER = new QuotaKey("zoë \uD83D\uDE00", Meter.REQUESTS, Window.DAY, DAY);
  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

  @TempDir Path directory;
  private final AwayLog usage = new AwayLog();
  private final MemoryTrafficLog traffic = new MemoryTrafficLog();
  private final List<QuotaKey> recovered = new ArrayList<>();

  @Test
  void quotas_traffic_and_violations_are_written_under_their_source_and_the_files_are_gone() {
    Subject caller = new Subject("alice", "key");
    Violation violation = new Violation(NOON, caller, Refusal.Reason.QUOTA_EXHAUSTED, "bytes-month");
    CounterFiles files = new CounterFiles(CounterDirectory.at(directory), "killed");
    Counter quota = files.open(Names.of(OTHER), 2);
    quota.add(0, 9);
    quota.add(1, 2);
    Counter minute = files.open(Names.of(NOON, caller, ""), 4);
    for (int i = 0; i < 4; i++) {
      minute.add(i, i + 1);
    }
    files.open(Names.of(violation), 1).add(0, 6);
    files.open(Names.of(KEY), 2); // never added to
    files.close();
    usage.record(List.of(new UsageRecord("killed", OTHER, 5, 0))); // what it had written before

    Leftovers leftovers = leftovers();
    leftovers.settle();
    leftovers.settle();

    assertThat(usage.totals(List.of(OTHER, KEY), "")).isEqualTo(Map.of(OTHER, 7L, KEY, 0L));
    assertThat(usage.totals(List.of(OTHER), "killed")).containsEntry(OTHER, 0L);
    assertThat(traffic.traffic("alice", NOON, NOON.plusSeconds(60), Duration.ofMinutes(1)))
        .isEqualTo(Map.of(NOON, new Traffic(1, 2, 3, 4)));
    assertThat(traffic.violations("alice", NOON, NOON.plusSeconds(60), 9)).containsExactly(new Violations(violation, 6));
    assertThat(recovered).containsExactly(OTHER);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void traffic_of_endpoints_is_recovered_beside_that_of_files_in_the_form_of_older_versions() throws IOException {
    Subject caller = new Subject("alice", "key");
    ByteArrayOutputStream older = new ByteArrayOutputStream();
    DataOutputStream name = new DataOutputStream(older);
    name.writeByte(2);
    name.writeLong(NOON.toEpochMilli());
    for (String part : List.of(caller.user(), caller.key())) {
      name.writeInt(part.length());
      name.writeBytes(part);
    }
    CounterFiles files = new CounterFiles(CounterDirectory.at(directory), "killed");
    files.open(older.toByteArray(), 4).add(0, 5);
    files.open(Names.of(NOON, caller, "upload"), 4).add(0, 7);
    files.open(Names.of(NOON, caller, "thumbs"), 4).add(0, 2);
    files.close();
    TrafficRecord flushed = new TrafficRecord("killed", NOON, caller, "upload", new Traffic(6, 0, 0, 0));
    traffic.record(List.of(flushed, new TrafficRecord("killed", NOON, caller, new Traffic(3, 0, 0, 0))), List.of());

    leftovers().settle();

    assertThat(traffic.trafficByEndpoint("alice", NOON, NOON.plusSeconds(60), Duration.ofMinutes(1)))
        .isEqualTo(Map.of(NOON, Map.of(
            "", new Traffic(5, 0, 0, 0), "thumbs", new Traffic(2, 0, 0, 0), "upload", new Traffic(7, 0, 0, 0))));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void a_gateway_of_an_older_version_can_read_what_no_endpoint_covers() {
    assertThat(Names.of(NOON, new Subject("a", "b"), "")[0]).isEqualTo((byte) 2);
    assertThat(Names.of(NOON, new Subject("a", "b"), "upload")[0]).isEqualTo((byte) 5);
  }

  @Test
  void while_the_log_is_away_the_files_stay_and_nobody_is_told_a_total_without_them() {
    leave("killed-1", 4);
    leave("killed-2", 5);
    Leftovers leftovers = leftovers();
    usage.away = true;

    assertThatThrownBy(leftovers::settle).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> leftovers.totals(List.of(KEY), "me")).isInstanceOf(StoreException.class);
    assertThat(directory.toFile().list()).hasSize(2);

    usage.away = false;
    assertThat(leftovers.totals(List.of(KEY), "me")).containsEntry(KEY, 9L);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void what_was_not_written_when_this_start_ends_too_is_found_by_the_next() {
    leave("killed", 4);
    usage.away = true;
    Leftovers first = leftovers();
    assertThatThrownBy(first::settle).isInstanceOf(StoreException.class);
    first.close();

    usage.away = false;
    leftovers().settle();

    assertThat(usage.totals(List.of(KEY), "")).containsEntry(KEY, 4L);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void a_write_that_arrived_although_it_failed_is_not_counted_twice() {
    leave("killed", 4);
    Leftovers leftovers = leftovers();
    usage.failAfterWriting = true;
    assertThatThrownBy(leftovers::settle).isInstanceOf(StoreException.class);
    usage.failAfterWriting = false;
    leftovers.settle();

    assertThat(usage.totals(List.of(KEY), "")).containsEntry(KEY, 4L);
  }

  @Test
  void a_foreign_file_is_set_aside_and_its_neighbours_are_recovered() throws IOException {
    Files.writeString(directory.resolve("a.counters"), "somebody else's");
    Files.write(directory.resolve("b.counters"), new byte[CounterFile.SIZE]);
    Files.write(directory.resolve("c.counters"), new byte[0]);
    leave("killed", 4);
    leave("newer", 100);
    byte[] newer = Files.readAllBytes(directory.resolve("newer.counters"));
    newer[8] = 2;
    Files.write(directory.resolve("newer.counters"), newer);
    Files.writeString(directory.resolve("notes.txt"), "not a counter file at all");

    leftovers().settle();

    assertThat(usage.totals(List.of(KEY), "")).containsEntry(KEY, 4L);
    assertThat(directory.toFile().list())
        .containsExactlyInAnyOrder(
            "a.counters.damaged", "b.counters.damaged", "c.counters.damaged", "newer.counters.damaged", "notes.txt");
    assertThat(CounterDirectory.at(directory).leftovers()).isEmpty();
  }

  @Test
  void a_torn_file_is_set_aside_once_what_can_be_read_is_written() throws IOException {
    CounterFiles files = new CounterFiles(CounterDirectory.at(directory), "killed");
    files.open(Names.of(OTHER), 2).add(0, 3);
    files.open("from a newer version".getBytes(StandardCharsets.UTF_8), 3).add(2, 1);
    files.open(Names.of(NOON, new Subject("a", "b"), ""), 2).add(0, 1); // a name with too few numbers
    files.open(Names.of(KEY), 2).add(0, 8);
    files.close();

    leftovers().settle();

    assertThat(usage.totals(List.of(OTHER, KEY), "")).isEqualTo(Map.of(OTHER, 3L, KEY, 8L));
    assertThat(directory.toFile().list()).containsExactly("killed.counters.damaged");
  }

  @Test
  void a_gateway_that_runs_keeps_its_files() {
    FileQuotaCounts running = new FileQuotaCounts(CounterDirectory.at(directory), "running");
    QuotaCounts.Count count = running.open(KEY);
    count.add(3);

    Leftovers leftovers = leftovers();
    leftovers.settle();

    assertThat(usage.totals(List.of(KEY), "")).containsEntry(KEY, 0L);
    assertThat(directory.toFile().list()).containsExactly("running.counters");
    count.close();
    running.close();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void several_nodes_that_start_on_one_directory_recover_each_file_once() {
    for (int i = 0; i < 20; i++) {
      leave("killed-" + i, 1);
    }
    Leftovers first = leftovers();
    Leftovers second = leftovers();
    second.settle();
    assertThat(usage.totals(List.of(KEY), "")).containsEntry(KEY, 0L);
    first.settle();
    assertThat(usage.totals(List.of(KEY), "")).containsEntry(KEY, 20L);
  }

  private Leftovers leftovers() {
    return new Leftovers(CounterDirectory.at(directory), usage, traffic, recovered::add);
  }

  /** What a process leaves that is killed: the file, without its lock. */
  private void leave(String source, long added) {
    FileQuotaCounts counts = new FileQuotaCounts(CounterDirectory.at(directory), source);
    counts.open(KEY).add(added);
    counts.close();
  }

  private static final class AwayLog implements UsageLog {
    private final UsageLog log = new MemoryUsageLog();
    private boolean away;
    private boolean failAfterWriting;

    @Override
    public void record(List<UsageRecord> records) {
      answer();
      log.record(records);
      if (failAfterWriting) {
        throw new StoreException("the answer is lost");
      }
    }

    @Override
    public Map<QuotaKey, Long> totals(Collection<QuotaKey> keys, String source) {
      answer();
      return log.totals(keys, source);
    }

    @Override
    public List<UsageRecord> records(Collection<QuotaKey> keys) {
      answer();
      return log.records(keys);
    }

    private void answer() {
      if (away) {
        throw new StoreException("away");
      }
    }
  }
}

package io.gatehouse.core.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers on the disk: they outlive the process, and what is torn there is never an answer. */
class DiskStoreTest {

  private static final long NOW = System.currentTimeMillis();
  private static final long PLENTY = 1 << 20;

  @TempDir Path directory;

  @Test
  void what_was_kept_is_there_after_a_restart() {
    try (AnswerCache cache = open(PLENTY)) {
      keep(cache, "/a", "hello");
    }
    try (AnswerCache cache = open(PLENTY)) {
      await().until(() -> cache.figures().diskEntries() == 1);

      Entry found = cache.find(asking("/a"));

      assertThat(text(found)).isEqualTo("hello");
      assertThat(found.head().first("cache-control")).isEqualTo("max-age=60");
      assertThat(found.tags()).containsExactly("red");
      assertThat(found.answeredMillis()).isEqualTo(NOW);
      assertThat(cache.find(asking("/b"))).isNull();
      assertThat(cache.find(new CacheRequest(
          new CacheKey("images", "tenant x", "http://a", "/a"), name -> null, false, CacheRules.DEFAULT))).isNull();
    }
  }

  @Test
  void a_file_that_is_torn_or_changed_anywhere_is_no_answer() throws IOException {
    try (AnswerCache cache = open(PLENTY)) {
      keep(cache, "/a", "hello");
    }
    Path file = only();
    byte[] whole = Files.readAllBytes(file);
    EntryFile.Described described = EntryFile.describe(file);

    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(readable(file, described)).as("%d of %d bytes", length, whole.length).isFalse();
    }
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 1;
      Files.write(file, changed);
      assertThat(readable(file, described)).as("byte %d", i).isFalse();
    }
    Files.write(file, whole);
    assertThat(readable(file, described)).isTrue();
  }

  private static boolean readable(Path file, EntryFile.Described described) {
    try {
      return EntryFile.body(file, described) != null;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void a_start_takes_away_what_was_being_written_and_what_is_torn() throws IOException {
    try (AnswerCache cache = open(PLENTY)) {
      keep(cache, "/a", "hello");
    }
    Path torn = only();
    Files.write(torn, Arrays.copyOf(Files.readAllBytes(torn), 40));
    Files.writeString(directory.resolve("1234.answer.part"), "half");

    try (AnswerCache cache = open(PLENTY)) {
      await().untilAsserted(() -> assertThat(files()).isZero());
      assertThat(cache.find(asking("/a"))).isNull();
      assertThat(cache.figures().bytes()).isZero();
    }
  }

  @Test
  void a_body_that_was_changed_since_is_a_miss_and_gone() throws IOException {
    try (AnswerCache cache = open(PLENTY)) {
      keep(cache, "/a", "hello");
    }
    Path file = only();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    try (AnswerCache cache = open(PLENTY)) {
      await().until(() -> cache.figures().diskEntries() == 1);
      assertThat(cache.find(asking("/a"))).isNull();
      assertThat(files()).isZero();
      assertThat(cache.figures().bytes()).isZero();
    }
  }

  @Test
  void there_are_no_more_bytes_than_there_may_be() throws IOException {
    try (AnswerCache cache = open(20_000)) {
      for (int i = 0; i < 100; i++) {
        keep(cache, "/" + i, "x".repeat(1000));
      }
    }
    try (Stream<Path> all = Files.list(directory)) {
      assertThat(all.mapToLong(file -> file.toFile().length()).sum()).isBetween(15_000L, 20_000L);
    }
    try (AnswerCache cache = open(5_000)) {
      await().until(() -> cache.figures().diskEntries() > 0 && cache.figures().diskBytes() <= 5_000);
      assertThat(files()).isEqualTo(cache.figures().diskEntries());
    }
  }

  @Test
  void what_is_forgotten_is_forgotten_on_the_disk_even_while_it_is_written() {
    try (AnswerCache cache = open(PLENTY)) {
      for (int i = 0; i < 50; i++) {
        keep(cache, "/" + i, "hello");
      }
      cache.purge(new Purge(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("red")));
      keep(cache, "/x", "hello", Long.MAX_VALUE);
      await().until(() -> cache.figures().diskEntries() == 1 && files() == 1);
      cache.invalidate(new CacheKey("r", "", "http://a", "/x"));
      await().until(() -> files() == 0);
    }
  }

  @Test
  void what_was_to_be_forgotten_while_nobody_listened_is() throws IOException {
    assertThat(AnswerCache.heard(directory)).isEqualTo(Instant.EPOCH);
    try (AnswerCache cache = open(PLENTY)) {
      keep(cache, "/a/1", "hello");
      keep(cache, "/b", "hello");
      cache.heard(Instant.ofEpochMilli(NOW));
    }
    assertThat(AnswerCache.heard(directory)).isEqualTo(Instant.ofEpochMilli(NOW));
    Files.delete(directory.resolve("heard"));
    Purge missed = new Purge(Optional.empty(), Optional.empty(), Optional.of("/a"), Optional.empty());
    try (AnswerCache cache = AnswerCache.withDisk(1 << 20, directory, PLENTY, List.of(missed))) {
      await().until(() -> cache.figures().diskEntries() == 1 && files() == 1);
      assertThat(cache.find(asking("/a/1"))).isNull();
      assertThat(text(cache.find(asking("/b")))).isEqualTo("hello");
    }
  }

  @Test
  void a_disk_that_cannot_be_written_loses_answers_and_nothing_else() throws IOException {
    Path blocked = Files.writeString(directory.resolve("file"), "in the way");
    try (AnswerCache cache = AnswerCache.withDisk(PLENTY, blocked.resolve("answers"), PLENTY, List.of())) {
      keep(cache, "/a", "hello");

      Entry found = cache.find(asking("/a"));
      assertThat(text(found)).isEqualTo("hello");
      assertThat(cache.figures().diskEntries()).isZero();
    }
  }

  private AnswerCache open(long mostDiskBytes) {
    return AnswerCache.withDisk(1 << 20, directory, mostDiskBytes, List.of());
  }

  private Path only() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.findFirst().orElseThrow();
    }
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.count();
    }
  }

  private static CacheRequest asking(String target) {
    return new CacheRequest(new CacheKey("images", "", "http://a", target), name -> null, false, CacheRules.DEFAULT);
  }

  private static void keep(AnswerCache cache, String target, String body) {
    keep(cache, target, body, NOW);
  }

  private static void keep(AnswerCache cache, String target, String body, long asked) {
    assertThat(cache.reserve(body.length())).isTrue();
    Head head = CachePolicyTest.head(200, "Cache-Control: max-age=60", "Surrogate-Key: red");
    Entry entry =
        Entry.of(asking(target), head, Body.of(body.getBytes(), () -> cache.giveBack(body.length())), asked, NOW);
    assertThat(cache.put(entry)).isTrue();
    entry.body().release();
  }

  private static String text(Entry entry) {
    Body.Reader reader = entry.body().reader(() -> {});
    entry.body().release();
    byte[] bytes = reader.next();
    reader.close();
    return new String(bytes);
  }
}

package io.gatehouse.core.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CounterFilesTest {

  @TempDir Path temporary;
  private Path directory;
  private CounterDirectory counters;

  @BeforeEach
  void name() {
    directory = temporary.resolve("usage");
    counters = CounterDirectory.at(directory);
  }

  @Test
  void what_was_counted_is_in_the_file_while_it_is_still_open() throws IOException {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    Counter two = files.open(name("two"), 2);
    Counter one = files.open(name("ein-ß"), 1);
    two.add(0, 5);
    two.addAlone(1, 7);
    two.add(0, 1L << 40);
    one.add(0, 3);

    assertThat(two.get(0)).isEqualTo(5 + (1L << 40));
    assertThat(numbers(directory.resolve("boot-1.counters")))
        .isEqualTo(Map.of("two", List.of(5 + (1L << 40), 7L), "ein-ß", List.of(3L)));
    assertThat(read(directory.resolve("boot-1.counters")).source()).isEqualTo("boot-1");
    files.close();
  }

  @Test
  void a_full_file_is_followed_by_another_and_nothing_is_lost() throws IOException {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    Map<String, List<Long>> expected = new HashMap<>();
    for (int i = 0; i < 30_000; i++) {
      String name = "a-name-of-some-length-" + i;
      files.open(name(name), 4).add(2, i);
      expected.put(name, List.of(0L, 0L, (long) i, 0L));
    }
    files.close();

    Map<String, List<Long>> found = new HashMap<>();
    for (Path file : list()) {
      found.putAll(numbers(file));
      assertThat(Files.size(file)).isEqualTo(CounterFile.SIZE);
    }
    assertThat(list()).hasSizeGreaterThan(1);
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void a_file_goes_when_nothing_in_it_is_wanted_and_not_before() throws IOException {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    List<Counter> opened = new ArrayList<>();
    while (list().size() < 3) {
      opened.add(files.open(name("a-name-" + opened.size()), 8));
    }
    Counter last = opened.get(opened.size() - 1);
    Collections.shuffle(opened, new Random(1));
    Counter kept = opened.get(0) == last ? opened.get(1) : opened.get(0);
    opened.stream().filter(each -> each != kept && each != last).forEach(files::release);
    opened.stream().filter(each -> each != kept && each != last).forEach(files::release); // twice does no harm

    assertThat(list()).as("the one with the counter that is kept, and the last").hasSize(2);
    kept.add(0, 1);
    assertThat(kept.get(0)).isEqualTo(1);
    files.release(kept);
    assertThat(list()).hasSize(1);
    files.release(last);
    assertThat(list()).as("the last is still written to").hasSize(1);
    files.close();
    assertThat(list()).isEmpty();
  }

  @Test
  void a_counter_can_be_used_after_its_file_is_gone() {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    Counter counter = files.open(name("a"), 1);
    files.release(counter);
    files.close();

    counter.add(0, 1);

    assertThat(counter.get(0)).isEqualTo(1);
    Counter late = files.open(name("b"), 1);
    late.add(0, 2);
    assertThat(late.get(0)).isEqualTo(2);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void names_too_long_and_directories_that_cannot_be_written_cost_the_file_and_not_the_count() throws IOException {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    Counter longName = files.open(new byte[CounterFile.LONGEST_NAME + 1], 1);
    longName.add(0, 3);
    assertThat(longName.get(0)).isEqualTo(3);
    files.close();

    Path occupied = Files.writeString(temporary.resolve("occupied"), "a file");
    CounterFiles nowhere = new CounterFiles(CounterDirectory.at(occupied), "boot-1");
    Counter counter = nowhere.open(name("a"), 2);
    counter.add(1, 4);
    assertThat(counter.get(1)).isEqualTo(4);
    nowhere.release(counter);
    nowhere.close();
    assertThat(CounterDirectory.at(occupied).leftovers()).isEmpty();
  }

  @Test
  void many_threads_that_open_and_add_lose_nothing() throws Exception {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    Counter shared = files.open(name("shared"), 1);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      CountDownLatch go = new CountDownLatch(1);
      List<Future<?>> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int thread = t;
        threads.add(pool.submit(() -> {
          go.await();
          for (int i = 0; i < 2_000; i++) {
            shared.add(0, 1);
            files.open(name("counter-" + thread + "-" + i), 1).add(0, i + 1);
          }
          return null;
        }));
      }
      go.countDown();
      for (Future<?> thread : threads) {
        thread.get();
      }
    } finally {
      pool.shutdownNow();
    }
    files.close();

    Map<String, List<Long>> found = new HashMap<>();
    for (Path file : list()) {
      found.putAll(numbers(file));
    }
    assertThat(found).hasSize(16_001).containsEntry("shared", List.of(16_000L));
    for (int i = 0; i < 2_000; i++) {
      assertThat(found).containsEntry("counter-7-" + i, List.of(i + 1L));
    }
  }

  @Test
  void a_torn_file_gives_what_is_whole_in_it_and_never_anything_else() throws IOException {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    for (int i = 0; i < 50; i++) {
      files.open(name("name-" + i), 2).add(1, i);
    }
    files.close();
    Path file = list().get(0);
    byte[] whole = Files.readAllBytes(file);
    Map<String, List<Long>> original = numbers(file);
    Random random = new Random(7);
    for (int run = 0; run < 400; run++) {
      int used = CounterFile.HEAD_SIZE + 50 * 32;
      byte[] torn = random.nextBoolean() ? Arrays.copyOf(whole, random.nextInt(used)) : whole.clone();
      int damages = random.nextInt(4);
      for (int d = 0; d < damages && torn.length > 0; d++) {
        // Pages that never reached the disk are zero; anything else is for good measure, but not in the numbers.
        int at = random.nextInt(Math.min(torn.length, used));
        boolean inNumbers = at >= CounterFile.HEAD_SIZE && (at - CounterFile.HEAD_SIZE) % 32 / 8 < 3;
        torn[at] = inNumbers && (at - CounterFile.HEAD_SIZE) % 32 >= 8 ? torn[at] : (byte) random.nextInt(256);
      }
      Files.write(file, torn);
      try {
        CounterFile.Content content = read(file);
        content.slots().forEach(slot -> {
          String name = new String(slot.name(), StandardCharsets.UTF_8);
          assertThat(original).containsKey(name);
          assertThat(List.of(slot.numbers()[0], slot.numbers()[1])).isEqualTo(original.get(name));
        });
        assertThat(content.damaged() || torn.length == whole.length).isTrue();
      } catch (CounterFile.ForeignException e) {
        assertThat(e).hasMessageNotContainingAny("\u0000");
      }
    }
  }

  @Test
  void an_open_file_is_no_leftover_and_a_left_one_is_found_by_one_alone() throws IOException {
    CounterFiles files = new CounterFiles(counters, "boot-1");
    files.open(name("a"), 1).add(0, 1);
    assertThat(counters.leftovers()).isEmpty();
    assertThat(CounterDirectory.at(temporary.resolve("x/../usage")).leftovers()).isEmpty();
    files.close();

    List<CounterDirectory.Leftover> found = counters.leftovers();
    assertThat(found).extracting(each -> each.path().getFileName().toString()).containsExactly("boot-1.counters");
    assertThat(counters.leftovers()).isEmpty();
    found.get(0).close();
    List<CounterDirectory.Leftover> again = counters.leftovers();
    assertThat(again).hasSize(1);
    again.get(0).close();
  }

  private List<Path> list() throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }

  private static Map<String, List<Long>> numbers(Path file) throws IOException {
    Map<String, List<Long>> numbers = new HashMap<>();
    CounterFile.Content content = read(file);
    assertThat(content.damaged()).isFalse();
    for (CounterFile.Slot slot : content.slots()) {
      List<Long> values = new ArrayList<>();
      for (long number : slot.numbers()) {
        values.add(number);
      }
      assertThat(numbers.put(new String(slot.name(), StandardCharsets.UTF_8), values)).isNull();
    }
    return numbers;
  }

  private static CounterFile.Content read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return CounterFile.read(channel);
    }
  }

  private static byte[] name(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}

package io.gatehouse.jetty.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {

  @TempDir Path directory;
  private final AtomicInteger told = new AtomicInteger();

  @Test
  void a_change_is_told_once_when_two_looks_have_found_the_same() throws Exception {
    Path file = Files.writeString(directory.resolve("f"), "a: 1\n");
    FileWatch watch = new FileWatch(file, told::incrementAndGet);
    watch.look();
    assertThat(told).hasValue(0);

    Files.writeString(file, "a:");
    watch.look();
    Files.writeString(file, "a: 2\n");
    watch.look();
    assertThat(told).as("it was being written").hasValue(0);

    watch.look();
    watch.look();
    assertThat(told).hasValue(1);
  }

  @Test
  void the_same_content_in_another_file_is_no_change_and_neither_is_a_file_that_is_away() throws Exception {
    Path file = Files.writeString(directory.resolve("f"), "a: 1\n");
    FileWatch watch = new FileWatch(file, told::incrementAndGet);

    Files.delete(file);
    watch.look();
    watch.look();
    Files.writeString(file, "a: 1\n");
    watch.look();
    watch.look();
    assertThat(told).hasValue(0);

    Files.writeString(file, "a: 2\n");
    watch.look();
    watch.look();
    Files.writeString(file, "a: 1\n");
    watch.look();
    watch.look();
    assertThat(told).as("there and back").hasValue(2);
  }
}

package io.gatehouse.jetty.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {

  private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

  @TempDir Path directory;

  @Test
  void requests_come_in_the_order_in_which_they_began_although_lines_are_written_when_they_end() throws Exception {
    Path log = file("a.log", line("/fast", 10, 0), line("/slow", 30, 29_000), line("/last", 40, 0));

    assertThat(targets(log)).containsExactly("/slow", "/fast", "/last");
  }

  @Test
  void files_are_merged_by_time_whatever_their_order() throws Exception {
    Path later = file("later.log", line("/4", 100, 0), line("/5", 5_000, 0));
    Path one = file("one.log", line("/1", 0, 0), line("/3", 2, 0));
    Path other = file("other.log", line("/2", 1, 0), line("/6", 6_000, 0));

    assertThat(targets(later, one, other)).containsExactly("/1", "/2", "/3", "/4", "/5", "/6");
  }

  @Test
  void a_line_that_is_more_than_the_window_late_comes_when_it_comes() throws Exception {
    Path log = file("a.log", line("/a", 0, 0), line("/b", 200, 0), line("/c", 300, 0), line("/late", 301, 250_000));

    assertThat(targets(log)).containsExactly("/a", "/b", "/late", "/c");
  }

  @Test
  void compressed_files_are_read_also_when_they_consist_of_several_parts() throws Exception {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    parts.write(gzip(line("/a", 0, 0) + "\n"));
    parts.write(gzip(line("/b", 1, 0) + "\n"));
    Path log = Files.write(directory.resolve("a.log.gz"), parts.toByteArray());

    assertThat(targets(log)).containsExactly("/a", "/b");
  }

  @Test
  void a_compressed_file_that_breaks_off_ends_there() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      lines.append(line("/" + Integer.toHexString(i * 7_919), i, 0)).append('\n');
    }
    byte[] whole = gzip(lines.toString());
    Path log = Files.write(directory.resolve("a.log.gz"), Arrays.copyOf(whole, whole.length / 2));

    try (LogReader reader = new LogReader(List.of(log), entry -> false)) {
      int read = 0;
      while (reader.next() != null) {
        read++;
      }
      assertThat(read).isBetween(100, 1_990);
      assertThat(reader.lines().malformed()).isPositive();
      assertThat(reader.lines().shown()).anySatisfy(bad -> assertThat(bad.reason()).contains("breaks off"));
    }
  }

  @Test
  void lines_are_counted_by_what_they_are_and_the_first_bad_ones_are_named_with_their_numbers() throws Exception {
    String tooLong = "{\"x\":\"" + "y".repeat(3 * LogFile.LONGEST_LINE) + "\"}";
    Path log = file(
        "a.log", "", "bad", line("/a", 0, 0), "{\"logger_name\":\"other\"}", tooLong, line("/skip", 1, 0), "x", "x", "x",
        "x", "   ");

    try (LogReader reader = new LogReader(List.of(log), entry -> entry.path().equals("/skip"))) {
      assertThat(reader.next()).extracting(Entry::target).isEqualTo("/a");
      assertThat(reader.next()).isNull();

      ReplayReport.Lines lines = reader.lines();
      assertThat(lines.all()).isEqualTo(9);
      assertThat(lines.others()).isEqualTo(1);
      assertThat(lines.own()).isEqualTo(1);
      assertThat(lines.malformed()).isEqualTo(6);
      assertThat(lines.shown()).extracting(ReplayReport.BadLine::number).containsExactly(2L, 5L, 7L, 8L, 9L);
      assertThat(lines.shown().get(1).reason()).isEqualTo("longer than 65536 bytes");
      assertThat(reader.bytesRead()).isEqualTo(reader.bytes()).isEqualTo(Files.size(log));
    }
  }

  @Test
  void line_ends_of_all_kinds_and_a_last_line_without_one_are_read() throws Exception {
    Path log = directory.resolve("a.log");
    Files.writeString(log, line("/a", 0, 0) + "\r\n" + line("/b", 1, 0));

    assertThat(targets(log)).containsExactly("/a", "/b");
    assertThat(targets(file("empty.log"))).isEmpty();
  }

  @Test
  void a_file_that_is_not_what_its_name_says_is_named() throws Exception {
    Path log = Files.writeString(directory.resolve("a.log.gz"), "no gzip at all");

    assertThatThrownBy(() -> new LogReader(List.of(log), entry -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.log.gz");
  }

  private static List<String> targets(Path... files) throws IOException {
    List<String> targets = new ArrayList<>();
    try (LogReader reader = new LogReader(List.of(files), entry -> false)) {
      for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
        targets.add(entry.target());
      }
    }
    return targets;
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.writeString(directory.resolve(name), lines.length == 0 ? "" : String.join("\n", lines) + "\n");
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static String line(String path, int endSecond, int durationMillis) {
    return "{\"@timestamp\":\"" + START.plusSeconds(endSecond) + "\",\"logger_name\":\"io.gatehouse.access\","
        + "\"method\":\"GET\",\"path\":\"" + path + "\",\"status\":200,\"duration_ms\":" + durationMillis
        + ",\"client\":\"192.0.2.1\",\"user\":\"u\"}";
  }
}

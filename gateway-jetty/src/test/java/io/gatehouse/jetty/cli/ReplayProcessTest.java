package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Replays in a process of their own, with little memory and with signals. */
class ReplayProcessTest {

  @TempDir Path directory;
  private Process process;

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /** 200,000 lines of 20,000 addresses and 500 users. */
  @Test
  void a_long_log_needs_no_more_memory_than_a_short_one() throws Exception {
    Files.writeString(directory.resolve("plan.yaml"), """
        rate_limits:
          ip_level: {requests_per_minute: 5}
          user_level: {requests_per_minute: 60, requests_per_hour: 1000}
          api_level: none
        """);
    int lines = 200_000;
    try (BufferedWriter log = new BufferedWriter(new OutputStreamWriter(
        new GZIPOutputStream(Files.newOutputStream(directory.resolve("access.log.gz"))), StandardCharsets.UTF_8))) {
      for (int i = 0; i < lines; i++) {
        log.write(line(i));
      }
    }

    start("96m", "replay", "--config", "plan.yaml", "--defaults", "--output", "json", "access.log.gz");

    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(Files.readString(directory.resolve("err"))).isEmpty();
    JsonNode report = Shell.parse(Files.readString(directory.resolve("out")));
    assertThat(report.get("requests").longValue()).isEqualTo(lines);
    assertThat(report.get("passed").longValue() + report.get("refused").longValue()).isEqualTo(lines);
    assertThat(report.get("lines").get("malformed").longValue()).isZero();
    assertThat(report.get("users")).hasSize(10);
  }

  /** A pipe that never ends stands for a log that takes long. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM, and no named pipe that mkfifo makes")
  void a_signal_ends_the_reading_and_what_was_read_is_told() throws Exception {
    Files.writeString(directory.resolve("plan.yaml"), "rate_limits: {ip_level: none}\n");
    Path pipe = directory.resolve("access.log");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    start("96m", "replay", "--config", "plan.yaml", "--defaults", "--output", "json", "access.log");
    AtomicLong written = new AtomicLong();
    Thread writer = new Thread(() -> {
      try (BufferedWriter log = Files.newBufferedWriter(pipe)) {
        for (int i = 0; ; i++) {
          log.write(line(i));
          written.incrementAndGet();
        }
      } catch (IOException e) {
        // The reader has left.
      }
    });
    writer.setDaemon(true);
    writer.start();
    await().atMost(Duration.ofMinutes(1)).until(() -> written.get() > 20_000);

    process.destroy();

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    JsonNode report = Shell.parse(Files.readString(directory.resolve("out")));
    assertThat(report.get("complete").booleanValue()).isFalse();
    assertThat(report.get("requests").longValue()).isPositive();
  }

  /** Ten a second. */
  private static String line(int i) {
    return "{\"@timestamp\":\"" + Instant.parse("2026-11-23T00:00:00Z").plusMillis(i * 100L)
        + "\",\"logger_name\":\"io.gatehouse.access\",\"method\":\"GET\",\"path\":\"/images/" + i + ".jpg\","
        + "\"status\":200,\"duration_ms\":" + i % 3_000 + ",\"request_bytes\":0,\"response_bytes\":5000,"
        + "\"client\":\"10.1." + i % 20_000 / 200 + "." + i % 200 + "\",\"user\":\"user" + i % 500
        + "\",\"key\":\"k\",\"backend\":\"http://b\",\"request_id\":\"0123456789\"}\n";
  }

  private void start(String heap, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + heap, "-cp", System.getProperty("java.class.path"), "io.gatehouse.jetty.Main"));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("GATEHOUSE_"));
    builder.redirectOutput(directory.resolve("out").toFile());
    builder.redirectError(directory.resolve("err").toFile());
    process = builder.start();
  }
}

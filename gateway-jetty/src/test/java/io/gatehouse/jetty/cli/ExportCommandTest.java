package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.event.RequestRecord;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.event.ViolationRecord;
import io.gatehouse.jetty.cli.BothWaysTest.Over;
import io.gatehouse.jetty.fixture.GatewayNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExportCommandTest {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
  private static final String[] JUNE = {"--from", "2026-06-01", "--to", "2026-06-04"};

  @TempDir static Path directory;
  private static GatewayNode node;
  private static String user;

  @BeforeAll
  static void start() throws Exception {
    node = GatewayNode.start(directory, "quotas: {time_zone: Asia/Kolkata}\n");
    user = node.user("exported");
    Subject caller = new Subject(user, "k");
    List<RequestRecord> requests = new ArrayList<>();
    for (int i = 0; i < 450; i++) {
      requests.add(new RequestRecord(
          "r" + i, NOON.plusMillis(i), "id-" + i, "t", Optional.of(caller), "192.0.2.1", "GET", "/a,\"b\"?n=" + i, 200,
          Optional.empty(), "", "", 1, 2, Duration.ofMillis(3)));
    }
    node.gatehouse().stores().requests().record(requests);
    List<TrafficRecord> traffic = new ArrayList<>();
    for (int minute = 0; minute < 2_880; minute += 10) {
      traffic.add(new TrafficRecord("s", NOON.plusSeconds(60L * minute), caller, new Traffic(1, 10, 100, 0)));
    }
    List<ViolationRecord> violations = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      Instant at = NOON.plusSeconds(60L * (i / 500));
      violations.add(new ViolationRecord("s", new Violation(at, caller, Refusal.Reason.RATE_LIMITED, "rule-" + i), 2));
    }
    node.gatehouse().stores().traffic().record(traffic, violations);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Shell shell(Over over) {
    Shell shell = new Shell(directory).now();
    if (over == Over.SERVER) {
      return shell
          .with("GATEHOUSE_CLI_SERVER", "http://127.0.0.1:" + node.port())
          .with("GATEHOUSE_CLI_TOKEN", GatewayNode.ADMIN_TOKEN);
    }
    GatewayNode.environment(directory).forEach(shell::with);
    return shell;
  }

  private static String[] in(String... words) {
    return Stream.concat(Stream.of(words), Stream.of(JUNE)).toArray(String[]::new);
  }

  private static List<JsonNode> rows(Shell.Result result) {
    assertThat(result.exit()).isZero();
    return result.out().lines().map(Shell::parse).toList();
  }

  @ParameterizedTest
  @EnumSource
  void all_requests_are_written_newest_first_whatever_the_size_of_a_page(Over over) {
    List<JsonNode> rows = rows(shell(over).run(in("export", "requests", "--user", "exported")));

    assertThat(rows).hasSize(450);
    assertThat(rows.get(0).path("request_id").asText()).isEqualTo("id-449");
    assertThat(rows.stream().map(row -> row.path("request_id").asText()).distinct()).hasSize(450);
    assertThat(rows(shell(over).run(in("export", "requests", "--status", "4xx")))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void a_history_is_whole_and_no_row_of_it_is_told_twice(Over over) {
    List<JsonNode> minutes = rows(shell(over).run(in("export", "history", "-u", user, "--by", "minute")));
    List<JsonNode> hours = rows(shell(over).run(in("export", "history", "-u", user, "--by", "hour")));
    List<JsonNode> days = rows(shell(over).run(in("export", "history", "--by", "day", "--by-endpoint")));

    assertThat(minutes).hasSize(288);
    assertThat(minutes.stream().map(row -> row.path("start").asText()).distinct()).hasSize(288);
    for (List<JsonNode> rows : List.of(minutes, hours, days)) {
      assertThat(rows.stream().mapToLong(row -> row.path("requests").asLong()).sum()).isEqualTo(288);
      assertThat(rows).allSatisfy(row -> assertThat(row.path("user").asText()).isEqualTo(user));
    }
    assertThat(days.get(1).path("start").asText()).as("midnight in Kolkata").endsWith("T18:30:00Z");
    assertThat(days.get(0).path("endpoint").asText()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void violations_are_asked_for_in_parts_when_there_are_too_many(Over over) {
    List<JsonNode> rows = rows(shell(over).run(in("export", "violations")));

    assertThat(rows.stream().map(row -> row.path("rule").asText()).distinct()).hasSize(2_000);
    assertThat(rows).hasSize(2_000);
  }

  @ParameterizedTest
  @EnumSource
  void values_are_separated_by_commas_as_rfc_4180_has_it(Over over) throws Exception {
    Path file = directory.resolve(over.name("requests") + ".csv");

    Shell.Result told =
        shell(over).run(in("export", "requests", "--format", "csv", "-f", file.getFileName().toString()));

    assertThat(told).isEqualTo(new Shell.Result(0, "", CliTest.lines("450 rows in " + file.getFileName() + ".")));
    String text = Files.readString(file);
    assertThat(text.split("\r\n")).hasSize(451);
    assertThat(text).startsWith(
        "time,request_id,trace_id,user,key,client,method,target,status,refused,rule,backend,request_bytes,response_bytes,"
            + "duration_ms\r\n2026-06-01T12:00:00.449Z,id-449,t," + user + ",k,192.0.2.1,GET,\"/a,\"\"b\"\"?n=449\",200,,,,1,2,3.0\r\n");
  }

  @Test
  void use_and_changes_are_written_too() {
    Shell shell = shell(Over.STORE);
    shell.run("users", "create", "somebody");

    assertThat(rows(shell.run("export", "usage", "-u", "exported"))).hasSize(4)
        .allSatisfy(row -> assertThat(row.path("used").isNumber()).isTrue());
    assertThat(rows(shell.run("export", "audit", "--operation", "addUser")))
        .anySatisfy(row -> assertThat(row.path("after").path("name").asText()).isEqualTo("somebody"));
    assertThat(shell.run("export", "usage", "-u", "nobody").exit()).isEqualTo(66);
  }

  @Test
  void a_file_that_is_there_is_replaced_only_when_that_is_said() throws Exception {
    Path file = Files.writeString(directory.resolve("there.ndjson"), "mine");
    Shell shell = shell(Over.STORE);

    assertThat(shell.run("export", "audit", "-f", "there.ndjson").exit()).isEqualTo(73);
    assertThat(file).hasContent("mine");
    JsonNode done = shell.json("export", "audit", "-f", "there.ndjson", "--force");
    assertThat(done.path("complete").asBoolean()).isTrue();
    assertThat(Files.readAllLines(file)).hasSize(done.path("rows").asInt());
    assertThat(shell.run("export", "audit", "-f", "no/such/place").exit()).isEqualTo(1);
    assertThat(shell.run("export", "audit", "-f", "quiet.ndjson", "--quiet"))
        .isEqualTo(new Shell.Result(0, "", ""));
  }

  @Test
  void an_export_that_fails_or_is_killed_leaves_no_file_under_its_name() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    Path place = Files.createDirectories(directory.resolve("killed"));
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      boolean first = !exchange.getRequestURI().getQuery().contains("after=");
      if (!first) {
        asked.countDown();
        awaitQuietly(over);
      }
      byte[] body = (first
          ? "{\"from\":\"2026-06-01T00:00:00Z\",\"to\":\"2026-06-02T00:00:00Z\",\"changes\":[{\"time\":\"2026-06-01T12:00:00Z\"}],"
              + "\"next\":\"x\"}"
          : "{}").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(first ? 200 : 500, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    Process process = export(place, url);
    try {
      assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(names(place)).singleElement().asString().startsWith(".all.ndjson.").endsWith(".part");

      process.destroyForcibly().waitFor();
      assertThat(place.resolve("all.ndjson")).doesNotExist();
      over.countDown();

      Shell.Result failed = new Shell(place)
          .with("GATEHOUSE_CLI_TOKEN", "t")
          .run("export", "audit", "-f", "again.ndjson", "--server", url);
      assertThat(failed.exit()).isEqualTo(1);
      assertThat(names(place)).noneMatch(name -> name.contains("again"));
    } finally {
      process.destroyForcibly();
      over.countDown();
      server.stop(0);
    }
  }

  private static Process export(Path place, String url) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), "io.gatehouse.jetty.Main", "export", "audit", "-f", "all.ndjson",
                "--server", url)
            .directory(place.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("export.out").toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("GATEHOUSE_"));
    builder.environment().put("GATEHOUSE_CLI_TOKEN", "t");
    return builder.start();
  }

  private static List<String> names(Path place) throws IOException {
    try (Stream<Path> files = Files.list(place)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void the_progress_says_what_it_knows() {
    assertThat(Progress.rowsLine(0.5, 1_000, 10))
        .isEqualTo("[###############               ]  50%  1000 rows  100 rows/s  10 s left");
    assertThat(Progress.rowsLine(-1, 10, 5)).isEqualTo("10 rows  2 rows/s");
    assertThat(Progress.rowsLine(0, 0, 0)).endsWith("- left");
  }
}

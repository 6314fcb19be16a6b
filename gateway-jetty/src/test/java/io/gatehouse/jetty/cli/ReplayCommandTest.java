package io.gatehouse.jetty.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {

  private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

  /** Three at once, and one more every 20 s. */
  private static final String THREE_A_MINUTE =
      "rate_limits: {ip_level: none, user_level: {requests_per_minute: 3}, api_level: none}\n";

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory);
  }

  /** Worked out by hand: permits are there at 0, 1 and 2, then at 20 and at 40 seconds. */
  @Test
  void every_request_is_decided_at_the_time_of_the_log_and_compared_with_what_happened() {
    shell.file("plan.yaml", THREE_A_MINUTE);
    log(line(0, "alice", 200), line(1, "alice", 200), line(2, "alice", 200),
        line(3, "alice", 200), // refused now
        line(20, "alice", 200),
        line(39, "alice", 429), // refused then and now
        line(39, "bob", 200),
        line(40, "alice", 429)); // passes now

    JsonNode report = replay();

    assertThat(report.get("requests").longValue()).isEqualTo(8);
    assertThat(report.get("passed").longValue()).isEqualTo(6);
    assertThat(report.get("refused").longValue()).isEqualTo(2);
    assertThat(report.get("then").get("refused").longValue()).isEqualTo(2);
    assertThat(report.get("then").get("statuses")).isEqualTo(Shell.parse("{\"200\":6,\"429\":2}"));
    assertThat(report.get("newly_refused").longValue()).isEqualTo(1);
    assertThat(report.get("newly_passed").longValue()).isEqualTo(1);
    assertThat(report.get("refusals"))
        .isEqualTo(Shell.parse("[{\"reason\":\"rate_limited\",\"rule\":\"user-minute\",\"count\":2}]"));
    assertThat(report.get("users").get(0)).isEqualTo(Shell.parse(
        "{\"user\":\"alice\",\"name\":null,\"requests\":7,\"refused\":2,\"refused_then\":2}"));
    assertThat(report.get("worst_minute")).isEqualTo(Shell.parse(
        "{\"start\":\"2026-11-23T10:00:00Z\",\"requests\":8,\"refused\":2,\"by_rule\":{\"user-minute\":2}}"));
    assertThat(report.get("complete").booleanValue()).isTrue();
    assertThat(report.get("from").textValue()).isEqualTo("2026-11-23T10:00:00Z");
    assertThat(report.get("to").textValue()).isEqualTo("2026-11-23T10:00:40Z");
  }

  @Test
  void people_get_the_same_as_text() {
    shell.file("plan.yaml", THREE_A_MINUTE);
    log(line(0, "alice", 200), line(1, "alice", 200), line(2, "alice", 200), line(3, "alice", 200));

    Shell.Result result = shell.run("replay", "--config", "plan.yaml", "--defaults", "access.log");

    assertThat(result).isEqualTo(new Shell.Result(0, CliTest.lines(
        "4 requests from 2026-11-23T10:00:00Z to 2026-11-23T10:00:03Z",
        "",
        "         PLAN  SHARE  THEN  SHARE",
        "passed   3     75.0%  4     100.0%",
        "refused  1     25.0%  0     0.0%",
        "",
        "1 passed then and would be refused, 0 were refused and would pass.",
        "Really answered: 200 x 4.",
        "",
        "REFUSED BY   REASON        REQUESTS  SHARE",
        "user-minute  rate_limited  1         25.0%",
        "",
        "USER   NAME  REQUESTS  REFUSED  SHARE  REFUSED THEN",
        "alice  -     4         1        25.0%  0",
        "",
        "Worst minute: 2026-11-23T10:00:00Z, 1 of 4 refused (user-minute 1)."), ""));
  }

  @Test
  void a_quota_of_bytes_counts_what_was_transferred_and_a_new_day_begins_anew() {
    shell.file("plan.yaml", "rate_limits: {ip_level: none, user_level: none, api_level: none}\n"
        + "quotas: {bytes_per_day: 10}\n");
    // 6 bytes each: 0, then 6, then 12 of 10 are used.
    log(line(0, "alice", 200), line(1, "alice", 200), line(2, "alice", 200),
        line(14 * 3600, "alice", 200));

    JsonNode report = replay();

    assertThat(report.get("refused").longValue()).isEqualTo(1);
    assertThat(report.get("refusals").get(0).get("rule").textValue()).isEqualTo("bytes-day");
  }

  @Test
  void a_shadow_refuses_nothing_unless_it_is_said() {
    shell.file("plan.yaml",
        THREE_A_MINUTE.replace("requests_per_minute: 3", "requests_per_minute: 3, shadow: true")
            + "quotas: {requests_per_day: 1, shadow: true}\n");
    log(line(0, "alice", 200), line(1, "alice", 200), line(2, "alice", 200), line(3, "alice", 200));

    JsonNode asItIs = replay();
    assertThat(asItIs.get("refused").longValue()).isZero();
    assertThat(asItIs.get("shadows")).isEqualTo(Shell.parse(
        "{\"requests-day-shadow\":3,\"user-minute-shadow\":1}"));

    JsonNode enforced =
        shell.json("replay", "--config", "plan.yaml", "--defaults", "--enforce-shadows", "access.log");
    assertThat(enforced.get("refusals")).isEqualTo(Shell.parse(
        "[{\"reason\":\"quota_exhausted\",\"rule\":\"requests-day\",\"count\":3}]"));
    assertThat(enforced.get("shadows")).isEmpty();
  }

  @Test
  void the_limits_that_users_have_in_the_database_hold_and_nothing_is_written_into_it() throws Exception {
    shell.file("plan.yaml", THREE_A_MINUTE);
    String id = shell.json("users", "create", "alice").get("id").textValue();
    var settings = SettingsReader.read(
        Optional.empty(), Map.of("GATEHOUSE_DATA_DIR", directory.resolve("data").toString())).settings();
    try (Stores stores = Stores.open(settings, InstantSource.system())) {
      stores.limits().replaceLimits(Level.USER, id, Optional.of(List.of(
          Limit.of(1, Duration.ofMinutes(1)), Limit.of(2, Duration.ofMinutes(1)).asShadow())));
    }
    byte[] before = Files.readAllBytes(directory.resolve("data/gatehouse.db"));
    log(line(0, id, 200), line(1, id, 200), line(2, id, 200), line(3, "deleted", 200));

    JsonNode report = shell.json("replay", "--config", "plan.yaml", "access.log");
    JsonNode enforced = shell.json("replay", "--config", "plan.yaml", "--enforce-shadows", "access.log");
    JsonNode defaults = shell.json("replay", "--config", "plan.yaml", "--defaults", "access.log");

    assertThat(report.get("refused").longValue()).isEqualTo(2);
    assertThat(report.get("users").get(0).get("name").textValue()).isEqualTo("alice");
    assertThat(enforced.get("refused").longValue()).isEqualTo(1);
    assertThat(defaults.get("refused").longValue()).isZero();
    assertThat(Files.readAllBytes(directory.resolve("data/gatehouse.db"))).isEqualTo(before);
  }

  @Test
  void the_quotas_that_keys_have_in_the_database_hold_for_all_keys_of_a_rotation_and_are_named() throws Exception {
    shell.file("plan.yaml", "rate_limits: {ip_level: none, user_level: none, api_level: none}\n");
    String id = shell.json("users", "create", "alice").get("id").textValue();
    var settings = SettingsReader.read(
        Optional.empty(), Map.of("GATEHOUSE_DATA_DIR", directory.resolve("data").toString())).settings();
    String first;
    String second;
    String other;
    try (Stores stores = Stores.open(settings, InstantSource.system())) {
      first = stores.issuer().issue(id, "", Set.of(), Optional.empty()).key().id();
      second = stores.issuer().rotate(first, Duration.ofHours(1)).orElseThrow().key().id();
      other = stores.issuer().issue(id, "", Set.of(), Optional.empty()).key().id();
      stores.quotas().replaceKeyQuotas(first, List.of(
          new Quota(Meter.REQUESTS, Window.DAY, 2), new Quota(Meter.REQUESTS, Window.MONTH, 1).asShadow()));
    }
    log(line(0, id, first, 200), line(1, id, second, 200), line(2, id, first, 200), line(3, id, other, 200));

    JsonNode report = shell.json("replay", "--config", "plan.yaml", "access.log");

    assertThat(report.get("refusals")).isEqualTo(Shell.parse(
        "[{\"reason\":\"quota_exhausted\",\"rule\":\"key-requests-day\",\"count\":1}]"));
    assertThat(report.get("shadows")).isEqualTo(Shell.parse("{\"key-requests-month-shadow\":1}"));
  }

  @Test
  void the_limits_of_the_plan_that_a_user_is_on_hold_and_its_scopes_have_no_say() {
    shell.file("plan.yaml", THREE_A_MINUTE);
    shell.file("one.json", "{\"name\":\"one\",\"limits\":{\"user\":[{\"permits\":1,\"period\":\"1m\"}]},\"scopes\":[\"DELETE\"]}");
    String id = shell.json("users", "create", "alice").get("id").textValue();
    shell.run("plans", "put", "-f", "one.json");
    shell.run("users", "plan", "alice", "one");
    log(line(0, id, 200), line(1, id, 200), line(2, id, 200));

    JsonNode report = shell.json("replay", "--config", "plan.yaml", "access.log");

    assertThat(report.get("refusals")).isEqualTo(Shell.parse(
        "[{\"reason\":\"rate_limited\",\"rule\":\"user-minute\",\"count\":2}]"));
  }

  @Test
  void a_database_that_is_not_there_is_a_failure_and_is_not_made() {
    shell.file("plan.yaml", THREE_A_MINUTE).file("access.log", line(0, "alice", 200));

    Shell.Result result = shell.run("replay", "--config", "plan.yaml", "access.log");

    assertThat(result.exit()).isEqualTo(69);
    assertThat(result.err()).contains("there is no SQLite file", "help: --defaults does without a database");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void a_line_without_a_user_stands_for_a_caller_of_its_address() {
    shell.file("plan.yaml", THREE_A_MINUTE);
    StringBuilder log = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      log.append("192.0.2.1 - - [23/Nov/2026:10:00:0").append(i).append(" +0000] \"GET /a HTTP/1.1\" 200 5\n");
    }
    log.append("192.0.2.2 - - [23/Nov/2026:10:00:09 +0000] \"GET /a HTTP/1.1\" 429 5 \"-\" \"curl\"\n");
    shell.file("access.log", log.toString());

    JsonNode report = replay();

    assertThat(report.get("refused").longValue()).isEqualTo(2);
    assertThat(report.get("newly_passed").longValue()).isEqualTo(1);
    assertThat(report.get("users").get(0).get("user").textValue()).isEqualTo("address:192.0.2.1");
    assertThat(report.get("users")).hasSize(2);
  }

  @Test
  void what_was_refused_for_another_reason_stays_refused_and_takes_nothing_from_limits() {
    shell.file("plan.yaml", THREE_A_MINUTE);
    String stopped = line(0, "alice", 403).replace("\"user\"", "\"refused\":\"scope_missing\",\"user\"");
    String nobody = line(0, "", 401);
    log(stopped, stopped, stopped, stopped, nobody,
        line(1, "alice", 200), line(2, "alice", 200), line(3, "alice", 200));

    JsonNode report = replay();

    assertThat(report.get("passed").longValue()).isEqualTo(3);
    assertThat(report.get("newly_refused").longValue()).isZero();
    assertThat(report.get("refusals")).isEqualTo(Shell.parse(
        "[{\"reason\":\"scope_missing\",\"rule\":\"\",\"count\":4},{\"reason\":\"status_401\",\"rule\":\"\",\"count\":1}]"));
  }

  @Test
  void addresses_and_the_whole_api_are_limited_as_well() {
    shell.file("plan.yaml", "rate_limits:\n  ip_level: {requests_per_minute: 2}\n"
        + "  user_level: none\n  api_level: {requests_per_hour: 3}\n");
    log(line(0, "a", 200), line(1, "b", 200), line(2, "c", 200),
        line(3, "a", 200).replace("192.0.2.1", "192.0.2.9"), line(4, "b", 200).replace("192.0.2.1", "192.0.2.8"));

    assertThat(replay().get("refusals")).isEqualTo(Shell.parse(
        "[{\"reason\":\"rate_limited\",\"rule\":\"api-hour\",\"count\":1},"
            + "{\"reason\":\"rate_limited\",\"rule\":\"ip-minute\",\"count\":1}]"));
  }

  @Test
  void the_paths_of_the_gateway_itself_are_left_out() {
    shell.file("plan.yaml", THREE_A_MINUTE + "observability: {prometheus_path: /m}\n");
    log(line(0, "alice", 200),
        line(0, "", 200).replace("/a", "/health"), line(0, "", 200).replace("/a", "/m"),
        line(0, "", 200).replace("/a", "/api/v1/users"));

    JsonNode report = replay();

    assertThat(report.get("requests").longValue()).isEqualTo(1);
    assertThat(report.get("lines").get("own_paths").longValue()).isEqualTo(3);
  }

  @Test
  void lines_that_cannot_be_understood_are_told_and_stop_nothing() {
    shell.file("plan.yaml", THREE_A_MINUTE);
    log(line(0, "alice", 200), "nonsense?token=secret", line(1, "alice", 200), "{");

    Shell.Result text = shell.run("replay", "--config", "plan.yaml", "--defaults", "access.log");

    assertThat(text.exit()).isZero();
    assertThat(text.err()).contains(
        "2 lines could not be understood:", "access.log:2: neither JSON nor Combined Log Format", "access.log:4: not JSON")
        .doesNotContain("secret");
    assertThat(replay().get("lines").get("first_malformed").get(0).get("line").longValue()).isEqualTo(2);
  }

  @Test
  void files_without_a_request_and_files_that_are_not_there_are_failures() {
    shell.file("plan.yaml", THREE_A_MINUTE).file("empty.log", "").file("odd.log", "odd\n");

    assertThat(shell.run("replay", "-c", "plan.yaml", "--defaults", "none.log"))
        .satisfies(result -> assertThat(result.exit()).isEqualTo(1))
        .satisfies(result -> assertThat(result.err()).contains("there is no file", "none.log"));
    assertThat(shell.run("replay", "-c", "plan.yaml", "--defaults", "odd.log"))
        .satisfies(result -> assertThat(result.exit()).isEqualTo(1))
        .satisfies(result -> assertThat(result.err()).contains("no request in this file, 1 of 1 lines"));
    assertThat(shell.run("replay", "-c", "plan.yaml", "--defaults", "empty.log").exit()).isEqualTo(1);
    assertThat(shell.run("replay", "-c", "plan.yaml", "--defaults").exit()).isEqualTo(2);
    assertThat(shell.run("replay", "-c", "plan.yaml", "--defaults", "--top", "-1", "odd.log").exit()).isEqualTo(2);
  }

  @Test
  void a_bar_says_how_far_it_is() {
    assertThat(Progress.line(1 << 20, 4 << 20, 2))
        .isEqualTo("[#######                       ]  25%  1.0 of 4.0 MiB  0.5 MiB/s  6 s left");
    assertThat(Progress.line(1 << 20, 400 << 20, 1)).endsWith("6:39 min left");
    assertThat(Progress.line(0, 1, 0)).endsWith("- left");
    assertThat(Progress.line(0, 0, 1)).contains("100%");
  }

  private void log(String... lines) {
    shell.file("access.log", Stream.of(lines).map(each -> each.endsWith("\n") ? each : each + "\n").collect(joining()));
  }

  @Test
  void requests_are_charged_by_their_route_and_those_without_one_are_refused() {
    shell.file("plan.yaml", """
        rate_limits:
          ip_level: none
          user_level: none
          api_level: none
          endpoints: [{name: heavy, path: /heavy, requests_per_minute: 1}]
        routes: [{name: a, path: /a, limits: heavy}]
        """);
    log(line(0, "alice", 200), line(1, "alice", 200), line(2, "alice", 200).replace("\"/a\"", "\"/b\""));

    assertThat(replay().get("refusals")).isEqualTo(Shell.parse(
        "[{\"reason\":\"no_route\",\"rule\":\"\",\"count\":1},"
            + "{\"reason\":\"rate_limited\",\"rule\":\"endpoint-heavy-minute\",\"count\":1}]"));
  }

  @Test
  void a_route_for_a_host_which_no_log_tells_sets_routes_aside() {
    shell.file("plan.yaml", """
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        routes: [{name: a, host: a.test}]
        """);
    log(line(0, "alice", 200));

    assertThat(replay().get("passed").longValue()).isEqualTo(1);
  }

  private JsonNode replay() {
    return shell.json("replay", "--config", "plan.yaml", "--defaults", "access.log");
  }

  /** An access line of a request that took no time and was answered with 6 bytes. */
  static String line(int second, String user, int status) {
    return line(second, user, "k", status);
  }

  private static String line(int second, String user, String key, int status) {
    String caller = user.isEmpty() ? "" : ",\"user\":\"" + user + "\",\"key\":\"" + key + "\"";
    String backend = status == 200 && !user.isEmpty() ? ",\"backend\":\"http://b\"" : "";
    return "{\"@timestamp\":\"" + START.plusSeconds(second) + "\",\"logger_name\":\"io.gatehouse.access\","
        + "\"method\":\"GET\",\"path\":\"/a\",\"status\":" + status + ",\"duration_ms\":0.0,\"request_bytes\":0,"
        + "\"response_bytes\":6,\"client\":\"192.0.2.1\"" + caller + backend + "}\n";
  }
}

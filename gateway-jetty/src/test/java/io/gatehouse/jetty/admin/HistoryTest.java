package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.Admission;
import io.gatehouse.Outcome;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.event.ViolationRecord;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

  @TempDir static Path directory;
  private static RunningAdmin admin;
  private static TrafficLog log;

  @BeforeAll
  static void start() throws Exception {
    admin = RunningAdmin.start(directory, Map.of("GATEHOUSE_QUOTAS_TIME_ZONE", "Asia/Kolkata")); // +05:30
    log = admin.gatehouse().stores().traffic();
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void what_a_user_transfers_and_is_refused_is_told_once_it_is_written() throws Exception {
    String user = admin.user("alice");
    String key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("key");
    admin.send(
        "PUT", "/users/" + user + "/quotas", "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":2}]}");
    for (int i = 0; i < 2; i++) {
      Admission.Admitted admitted =
          (Admission.Admitted) admin.gatehouse().gateway().admit(Requests.get("/").with("X-API-Key", key));
      admitted.complete(new Outcome(i == 0 ? 200 : 502, 10, 300, Duration.ofMillis(1), Outcome.Ending.ANSWERED));
    }
    assertThat(admin.admits(key, "/")).isFalse();
    admin.gatehouse().counts().flush();

    for (String by : List.of("minute", "hour", "day")) {
      Reply history = admin.get("/users/" + user + "/usage/history?by=" + by);
      assertThat(history.text("by")).isEqualTo(by);
      assertThat(history.text("time_zone")).isEqualTo("Asia/Kolkata");
      assertThat(sum(history, "requests")).isEqualTo(2);
      assertThat(sum(history, "request_bytes")).isEqualTo(20);
      assertThat(sum(history, "response_bytes")).isEqualTo(600);
      assertThat(sum(history, "errors")).isEqualTo(1);
    }
    JsonNode violations = admin.get("/users/" + user + "/violations").json().get("violations");
    assertThat(violations).hasSize(1);
    assertThat(violations.get(0).get("reason").asText()).isEqualTo("quota_exhausted");
    assertThat(violations.get(0).get("rule").asText()).isEqualTo("requests-day");
    assertThat(violations.get(0).get("count").asLong()).isEqualTo(1);
    assertThat(key).contains(violations.get(0).get("key").asText());
  }

  @Test
  void traffic_is_told_apart_by_endpoint_when_it_is_asked() throws Exception {
    String user = admin.user("classes");
    Subject caller = new Subject(user, "k");
    Instant minute = Instant.parse("2026-06-01T18:29:00Z");
    log.record(
        List.of(
            new TrafficRecord("s", minute, caller, new Traffic(1, 10, 100, 0)),
            new TrafficRecord("s", minute, caller, "upload", new Traffic(2, 20, 200, 1)),
            new TrafficRecord("s", minute.plusSeconds(60), caller, "upload", new Traffic(4, 0, 0, 0)),
            new TrafficRecord("s", minute.minusSeconds(1200), caller, "upload", new Traffic(8, 0, 0, 0))),
        List.of());
    String day = "/users/" + user + "/usage/history?from=2026-06-01T00:00:00%2B05:30&to=2026-06-03T00:00:00%2B05:30";
    String first = "2026-05-31T18:30:00Z";
    String second = "2026-06-01T18:30:00Z";

    assertThat(rows(admin.get(day + "&group=endpoint")))
        .containsExactly(first + "  1 10 100 0", first + " upload 10 20 200 1", second + " upload 4 0 0 0");
    assertThat(rows(admin.get(day + "&endpoint=upload")))
        .containsExactly(first + " upload 10 20 200 1", second + " upload 4 0 0 0");
    assertThat(rows(admin.get(day + "&endpoint=&group=endpoint"))).containsExactly(first + "  1 10 100 0");
    assertThat(rows(admin.get(day + "&endpoint=gone-by-now"))).isEmpty();
    assertThat(rows(admin.get(day))).containsExactly(first + " null 11 30 300 1", second + " null 4 0 0 0");
  }

  @Test
  void hours_and_days_begin_where_they_do_in_the_time_zone_of_the_quotas() throws Exception {
    String user = admin.user("zones");
    traffic(user, "2026-06-01T18:29:00Z", 1); // 23:59 in Kolkata
    traffic(user, "2026-06-01T18:30:00Z", 2); // midnight
    traffic(user, "2026-06-01T19:29:00Z", 4);

    String day = "/users/" + user + "/usage/history?from=2026-06-01T00:00:00%2B05:30&to=2026-06-03T00:00:00%2B05:30";
    assertThat(starts(admin.get(day))).containsExactly("2026-05-31T18:30:00Z", "2026-06-01T18:30:00Z");
    assertThat(admin.get(day).json().get("history").get(1).get("requests").asLong()).isEqualTo(6);
    assertThat(starts(admin.get(day + "&by=hour"))).containsExactly("2026-06-01T17:30:00Z", "2026-06-01T18:30:00Z");
    assertThat(starts(admin.get("/users/" + user + "/usage/history?by=minute&from=2026-06-01T18:30:30Z"
            + "&to=2026-06-01T19:29:00Z")))
        .as("from the beginning of the minute in which the range begins")
        .containsExactly("2026-06-01T18:30:00Z");
  }

  @Test
  void an_answer_has_1500_rows_at_the_most_and_a_longer_one_says_so() throws Exception {
    String user = admin.user("long");
    String path = "/users/" + user + "/usage/history?from=2026-06-01T00:00:00Z";
    assertThat(admin.get(path + "&by=minute&to=2026-06-02T00:59:00Z").status()).isEqualTo(200);
    Reply refused = admin.get(path + "&by=minute&to=2026-06-02T01:01:00Z");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("detail")).contains("1502", "1500");
    assertThat(admin.get(path + "&by=hour&to=2026-06-02T01:01:00Z").status()).isEqualTo(200);

    Instant noon = Instant.parse("2026-06-01T12:00:00Z");
    List<ViolationRecord> many = new ArrayList<>();
    for (int i = 0; i < 1_501; i++) {
      many.add(new ViolationRecord(
          "s", new Violation(noon, new Subject(user, "k"), Refusal.Reason.RATE_LIMITED, "rule-" + i), 1));
    }
    log.record(List.of(), many);
    String violations = "/users/" + user + "/violations?from=2026-06-01T12:00:00Z&to=2026-06-01T12:01:00Z";
    assertThat(admin.get(violations).status()).isEqualTo(400);
    assertThat(admin.get(violations).text("detail")).contains("1500");
  }

  @Test
  void ranges_that_make_no_sense_are_faults() throws Exception {
    String path = "/users/" + admin.user("faults") + "/usage/history";
    assertThat(admin.get(path + "?from=yesterday").faulty()).containsExactly("from");
    assertThat(admin.get(path + "?from=1969-12-31T23:59:59Z").faulty()).containsExactly("from");
    assertThat(admin.get(path + "?to=10000-01-01T00:00:00Z&from=2026-02-30T00:00:00Z").faulty())
        .containsExactlyInAnyOrder("from", "to");
    assertThat(admin.get(path + "?from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z").faulty())
        .containsExactly("from");
    assertThat(admin.get(path + "?by=week").faulty()).containsExactly("by");
    assertThat(admin.get(path + "?endpoint=/upload").faulty()).containsExactly("endpoint");
    assertThat(admin.get(path + "?endpoint=a&endpoint=b").faulty()).containsExactly("endpoint");
    assertThat(admin.get(path + "?group=key&endpoint=Upload").faulty())
        .containsExactlyInAnyOrder("endpoint", "group");
    assertThat(admin.get(path + "?unit=day").faulty()).containsExactly("unit");
    assertThat(admin.get("/users/01NOBODY/usage/history").status()).isEqualTo(404);
    assertThat(admin.get("/users/01NOBODY/violations").status()).isEqualTo(404);
  }

  private static void traffic(String user, String minute, long requests) {
    log.record(
        List.of(
            new TrafficRecord("s", Instant.parse(minute), new Subject(user, "k"), new Traffic(requests, 0, 0, 0))),
        List.of());
  }

  private static long sum(Reply history, String field) {
    long sum = 0;
    for (JsonNode row : history.json().get("history")) {
      sum += row.get(field).asLong();
    }
    return sum;
  }

  private static List<String> rows(Reply history) {
    List<String> rows = new ArrayList<>();
    history.json().get("history").forEach(row -> {
      List<String> fields = new ArrayList<>();
      for (String name : List.of("start", "endpoint", "requests", "request_bytes", "response_bytes", "errors")) {
        fields.add(row.has(name) ? row.get(name).asText() : "null");
      }
      rows.add(String.join(" ", fields));
    });
    return rows;
  }

  private static List<String> starts(Reply history) {
    List<String> starts = new ArrayList<>();
    history.json().get("history").forEach(row -> starts.add(row.get("start").asText()));
    return starts;
  }
}

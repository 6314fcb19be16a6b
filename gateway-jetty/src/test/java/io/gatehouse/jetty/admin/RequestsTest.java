package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.event.RequestRecord;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestsTest {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
  private static final String ALL = "from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z";

  @TempDir static Path directory;
  private static RunningAdmin admin;

  @BeforeAll
  static void start() throws Exception {
    admin = RunningAdmin.start(directory);
    List<RequestRecord> records = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      records.add(record("p" + i, NOON.plusSeconds(i), "alice", "k" + i % 2, 200, Optional.empty()));
    }
    records.add(record("q", NOON.plusSeconds(9), "bob", "k9", 429, Optional.of(Refusal.Reason.RATE_LIMITED)));
    records.add(record("now", Instant.now(), "carol", "k", 502, Optional.empty()));
    admin.gatehouse().stores().requests().record(records);
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_row_has_the_names_of_the_access_line() throws Exception {
    JsonNode row = admin.get("/requests?user=bob&" + ALL).json().get("requests").get(0);

    assertThat(row.toString()).isEqualTo(
        "{\"time\":\"2026-06-01T12:00:09Z\",\"request_id\":\"r-q\",\"trace_id\":\"t-q\",\"user\":\"bob\",\"key\":\"k9\","
            + "\"client\":\"192.0.2.1\",\"method\":\"GET\",\"target\":\"/a\",\"status\":429,\"refused\":\"rate_limited\","
            + "\"rule\":\"user-minute\",\"backend\":null,\"request_bytes\":1,\"response_bytes\":2,\"duration_ms\":1.5}");
  }

  @Test
  void pages_follow_each_other_by_their_links() throws Exception {
    List<String> ids = new ArrayList<>();
    String path = "/requests?user=alice&status=2xx&limit=2&" + ALL;
    Pattern link = Pattern.compile("</api/v1(.+)>; rel=\"next\"");
    int pages = 0;
    while (!path.isEmpty()) {
      Reply page = admin.get(path);
      page.json().get("requests").forEach(each -> ids.add(each.get("request_id").textValue()));
      pages++;
      Matcher next = link.matcher(page.json().get("next").isNull() ? "" : page.header("Link"));
      path = next.matches() ? next.group(1) : "";
    }

    assertThat(ids).containsExactly("r-p4", "r-p3", "r-p2", "r-p1", "r-p0");
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void questions_narrow_the_answer_and_unless_they_say_a_time_it_is_the_last_day() throws Exception {
    assertThat(admin.get("/requests?" + ALL).json().get("requests")).hasSize(6);
    assertThat(admin.get("/requests?key=k1&" + ALL).json().get("requests")).hasSize(2);
    assertThat(admin.get("/requests?status=429&" + ALL).json().get("requests")).hasSize(1);
    assertThat(admin.get("/requests?status=5xx&" + ALL).json().get("requests")).isEmpty();
    assertThat(admin.get("/requests").json().get("requests")).hasSize(1);
    assertThat(admin.get("/requests").json().get("next").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "user=a-b, user", "key=*, key", "status=600, status", "status=4x, status", "from=yesterday, from", "to=1, to",
    "limit=0, limit", "limit=201, limit", "after=x, after", "sort=up, sort",
    "from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z, from"
  })
  void a_bad_parameter_is_named(String query, String parameter) throws Exception {
    Reply reply = admin.get("/requests?" + query);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().get("errors").get(0).get("field").textValue()).isEqualTo(parameter);
  }

  private static RequestRecord record(
      String id, Instant at, String user, String key, int status, Optional<Refusal.Reason> reason) {
    return new RequestRecord(id, at, "r-" + id, "t-" + id, Optional.of(new Subject(user, key)), "192.0.2.1", "GET", "/a",
        status, reason, reason.isPresent() ? "user-minute" : "", reason.isPresent() ? "" : "http://127.0.0.1:1", 1, 2,
        Duration.ofNanos(1_500_000));
  }
}

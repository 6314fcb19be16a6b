package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Http2Wire;
import io.gatehouse.jetty.fixture.NodePair;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kept answers through a whole gateway: for whom, at what price, and until when. */
@Timeout(120)
class KeptAnswersTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;

  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void users_of_a_tenant_share_what_may_be_shared_and_nobody_else_does() throws Exception {
    try (ScriptedBackend backend = backend("public, max-age=60"); GatewayNode node = node(backend, "")) {
      String anna = key(node, "anna", "acme");
      String bert = key(node, "bert", "acme");
      String carl = key(node, "carl", "other");
      String dora = key(node, "dora", "");

      String first = node.get("/a", "X-API-Key", anna).body();
      assertThat(node.get("/a", "X-API-Key", bert).body()).isEqualTo(first);
      assertThat(node.get("/a", "X-API-Key", carl).body()).isNotEqualTo(first);
      String hers = node.get("/a", "X-API-Key", dora).body();
      assertThat(hers).isNotEqualTo(first);
      assertThat(node.get("/a", "X-API-Key", dora).body()).isEqualTo(hers);
    }
  }

  @Test
  void users_of_a_tenant_do_not_share_what_does_not_say_so() throws Exception {
    try (ScriptedBackend backend = backend("max-age=60"); GatewayNode node = node(backend, "")) {
      String anna = key(node, "anna", "acme");
      String bert = key(node, "bert", "acme");

      assertThat(node.get("/a", "X-API-Key", anna).body())
          .isNotEqualTo(node.get("/a", "X-API-Key", bert).body());
      assertThat(node.get("/a", "X-API-Key", anna).headers().firstValue("Cache-Status").orElse(""))
          .contains("not-kept");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_hit_is_charged_if_the_route_says_so(boolean charged) throws Exception {
    try (ScriptedBackend backend = backend("public, max-age=60");
        GatewayNode node = node(backend, ", charge_hits: " + charged)) {
      String user = node.user("anna");
      String key = node.key(user).secret();
      for (int i = 0; i < 5; i++) {
        assertThat(node.get("/a", "X-API-Key", key).statusCode()).isEqualTo(200);
      }

      await().atMost(SOON).untilAsserted(() -> assertThat(used(node, user)).isEqualTo(charged ? 5 : 1));
      assertThat(backend.requests()).filteredOn(head -> head.target().equals("/a")).hasSize(1);
    }
  }

  @Test
  void http_2_is_served_from_what_is_kept_and_bodies_are_not() throws Exception {
    try (ScriptedBackend backend = backend("public, max-age=60");
        GatewayNode node = node(backend, ", partition: shared", "auth: {required: false}");
        Http2Wire client = Http2Wire.connect(node.port())) {
      String first = client.get("/a").body();
      Http2Wire.Exchange second = client.get("/a");
      assertThat(second.body()).isEqualTo(first);
      assertThat(second.fields().get("Cache-Status")).contains("hit");
      assertThat(node.send("GET", "/a", "a body").body()).as("what a body asks is not known").isNotEqualTo(first);
    }
  }

  @Test
  void what_is_forgotten_is_asked_for_again_and_figures_tell() throws Exception {
    try (ScriptedBackend backend = backend("public, max-age=60\r\nCache-Tag: red"); GatewayNode node = node(backend, "")) {
      String key = key(node, "anna", "acme");
      HttpResponse<String> first = node.get("/a", "X-API-Key", key);
      node.get("/a", "X-API-Key", key);

      assertThat(first.headers().firstValue("Cache-Tag")).isEmpty();
      assertThat(GatewayNode.json(node.admin("GET", "/api/v1/cache", "")).toString())
          .contains("\"entries\":1", "\"hits\":1", "\"misses\":1");
      assertThat(node.admin("GET", "/metrics", "").body()).contains(
          "gatehouse_cache_gets_total{cache=\"answers\",result=\"hit\"} 1.0", "gatehouse_answers 1.0",
          "gatehouse_answer_memory_bytes ");
      assertThat(node.admin("DELETE", "/api/v1/cache?tag=blue", "").statusCode()).isEqualTo(204);
      assertThat(node.admin("DELETE", "/api/v1/cache?tenant=acme&tag=red&prefix=/a&route=all", "").statusCode())
          .isEqualTo(204);
      await().atMost(SOON).until(() -> node.gatehouse().answers().figures().entries() == 0);
      assertThat(node.admin("DELETE", "/api/v1/cache?prefix=a&colour=red", "").statusCode()).isEqualTo(400);
      assertThat(node.admin("GET", "/api/v1/audit?operation=forgetAnswers", "").body()).contains("\"tag\":\"red\"");
    }
  }

  @Test
  void answers_on_the_disk_outlive_a_restart() throws Exception {
    String[] lines = {"auth: {required: false}", "cache: {disk: 10MiB}"};
    String request = "GET /a HTTP/1.1\r\nHost: img.example\r\n\r\n";
    try (ScriptedBackend backend = backend("public, max-age=60")) {
      String first;
      try (GatewayNode node = node(backend, "", lines); Wire client = Wire.connect(node.port()).send(request)) {
        first = client.body(client.head());
        await().atMost(SOON).until(() -> node.gatehouse().answers().figures().diskEntries() == 1
            && Files.exists(directory.resolve("data/answers/heard")));
      }
      try (GatewayNode node = node(backend, "", lines)) {
        await().atMost(SOON).until(() -> node.gatehouse().answers().figures().diskEntries() == 1);
        try (Wire client = Wire.connect(node.port()).send(request)) {
          Wire.Head head = client.head();
          assertThat(head.first("Cache-Status")).contains("hit");
          assertThat(client.body(head)).isEqualTo(first);
        }
      }
    }
  }

  @Test
  void all_nodes_forget_within_a_second() throws Exception {
    String routes = "auth: {required: false}\nroutes: [{name: all, cache: {enabled: true, default_ttl: 1h}}]\n";
    try (NodePair nodes = NodePair.start(directory, PostgresFixture.shared().newDatabase(), routes)) {
      nodes.first().get("/a");
      nodes.second().get("/a");
      assertThat(nodes.second().gatehouse().answers().figures().entries()).isEqualTo(1);

      nodes.first().admin("DELETE", "/api/v1/cache", "");

      await().atMost(SOON).until(() -> nodes.second().gatehouse().answers().figures().entries() == 0
          && nodes.first().gatehouse().answers().figures().entries() == 0);
    }
  }

  private ScriptedBackend backend(String control) throws Exception {
    return new ScriptedBackend((request, wire) -> {
      wire.body(request);
      String body = "n" + asked.incrementAndGet();
      wire.send("HTTP/1.1 200 OK\r\nCache-Control: " + control + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    });
  }

  private GatewayNode node(ScriptedBackend backend, String more, String... lines) throws Exception {
    return GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        routes: [{name: all, cache: {enabled: true%s}}]
        %s
        """.formatted(backend.uri(), more, String.join("\n", lines)));
  }

  private static String key(GatewayNode node, String name, String tenant) throws Exception {
    String user = GatewayNode.json(node.admin("POST", "/api/v1/users",
        tenant.isEmpty() ? "{\"name\":\"" + name + "\"}" : "{\"name\":\"" + name + "\",\"tenant\":\"" + tenant + "\"}"))
        .path("id").asText();
    IssuedKey key = node.key(user);
    return key.secret();
  }

  private static long used(GatewayNode node, String user) {
    return node.gatehouse().counts().quotas().used(
        new QuotaKey(user, Meter.REQUESTS, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC)));
  }
}

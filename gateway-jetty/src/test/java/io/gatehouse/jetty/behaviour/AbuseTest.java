package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.fixture.CountryFile;
import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.NodePair;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
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

/** Who is kept out, over sockets: by an administrator, by the gateway itself, and by the country of an address. */
class AbuseTest {

  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String BAD = "gk_live_0000000000000000000000000000000000000000000000";

  @TempDir static Path directory;
  private static ScriptedBackend backend;
  private static Path countries;
  private static GatewayNode node;
  private static IssuedKey key;

  @BeforeAll
  static void start() throws Exception {
    backend = ScriptedBackend.saying("picture");
    countries = Files.write(directory.resolve("countries.mmdb"), CountryFile.of(Map.of("192.0.2.0/24", "DE")));
    node = GatewayNode.start(directory, yaml("enforced", "countries_file: " + countries));
    key = node.key(node.user("alice"));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    backend.close();
  }

  private static String yaml(String mode, String more) {
    return """
        backends: [{url: "%s"}]
        server: {trusted_proxies: ["127.0.0.1"]}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        abuse: {mode: %s, bad_keys_per_minute: 10, key_refusals_per_minute: 0, spike_factor: 0, first_suspension: 2s, %s}
        """.formatted(backend.uri(), mode, more);
  }

  @Test
  void bad_keys_suspend_an_address_for_longer_each_time_and_all_is_audited() throws Exception {
    String address = "198.51.100.1";
    JsonNode first = offend(node, address, 1);
    assertThat(first.path("administrator").asText()).isEqualTo("gateway");
    assertThat(first.path("before").isNull()).isTrue();
    JsonNode block = first.path("after");
    assertThat(block.path("kind").asText()).isEqualTo("network");
    assertThat(block.path("reason").asText()).isEqualTo("more than 10 keys in a minute that are none");
    assertThat(block.path("enforcement").asText()).isEqualTo("enforced");
    assertThat(block.path("source").asText()).isEqualTo("automatic");
    assertThat(block.path("strikes").asInt()).isEqualTo(1);
    assertThat(length(block)).isEqualTo(Duration.ofSeconds(2));

    // It ends by itself, and the next one is twice as long.
    await().atMost(Duration.ofSeconds(20)).until(() -> status(node, key.secret(), address) == 200);
    JsonNode again = offend(node, address, 2);

    assertThat(again.path("before")).isEqualTo(block);
    assertThat(again.at("/after/strikes").asInt()).isEqualTo(2);
    assertThat(again.at("/after/id")).isEqualTo(block.path("id"));
    assertThat(length(again.path("after"))).isEqualTo(Duration.ofSeconds(4));
    assertThat(status(node, key.secret(), "198.51.100.2")).isEqualTo(200);
  }

  private static Duration length(JsonNode block) {
    return Duration.between(
        Instant.parse(block.path("created_at").asText()), Instant.parse(block.path("expires_at").asText()));
  }

  /** Sends bad keys until an address has been suspended for it so often, and gives the last entry of that in the audit log. */
  private static JsonNode offend(GatewayNode at, String address, int often) throws Exception {
    List<JsonNode> suspensions = suspensions(at, address);
    for (int i = 0; suspensions.size() < often; i++) {
      assertThat(i).as("%s after many bad keys", suspensions).isLessThan(5_000);
      assertThat(status(at, BAD, address)).isIn(401, 403);
      suspensions = suspensions(at, address);
    }
    return suspensions.get(0);
  }

  private static List<JsonNode> suspensions(GatewayNode at, String address) throws Exception {
    List<JsonNode> found = new ArrayList<>();
    GatewayNode.json(at.admin("GET", "/api/v1/audit?operation=suspend", "")).path("changes").forEach(change -> {
      if (change.at("/after/value").asText().equals(address + "/32")) {
        found.add(change);
      }
    });
    return found;
  }

  @Test
  void a_blocked_address_is_told_so_and_nothing_more() throws Exception {
    block("{\"kind\":\"network\",\"value\":\"203.0.113.0/24\",\"reason\":\"a secret\",\"expires_at\":\"2999-01-01T00:00:00Z\"}");
    await().until(() -> status(node, key.secret(), "203.0.113.9") == 403);

    HttpResponse<String> refused = get(node, key.secret(), "203.0.113.9");

    assertThat(refused.body()).isEqualTo(
        "{\"type\":\"urn:gatehouse:problem:blocked\",\"title\":\"Blocked\",\"status\":403,"
            + "\"detail\":\"Requests from this address are not accepted.\"}");
    assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
    assertThat(get(node, BAD, "203.0.113.9").body()).isEqualTo(refused.body());
    assertThat(status(node, key.secret(), "203.0.114.1")).isEqualTo(200);
    await().until(() -> node.admin("GET", "/metrics", "").body().lines().anyMatch(
        line -> line.startsWith("gatehouse_refusals_total{") && line.contains("policy=\"block-network\"")
            && line.contains("reason=\"blocked\"")));
  }

  @Test
  void a_blocked_user_looks_like_one_that_is_switched_off() throws Exception {
    String user = node.user("bob");
    IssuedKey blocked = node.key(user);
    assertThat(status(node, blocked.secret(), "198.51.100.3")).isEqualTo(200);
    String id = block("{\"kind\":\"user\",\"value\":\"" + user + "\"}");

    await().until(() -> status(node, blocked.secret(), "198.51.100.3") == 401);

    assertThat(get(node, blocked.secret(), "198.51.100.3").body())
        .contains("urn:gatehouse:problem:key-disabled").contains("The API key is disabled.").doesNotContain(id);
    assertThat(status(node, key.secret(), "198.51.100.3")).isEqualTo(200);
  }

  @Test
  void a_block_in_the_shadow_lets_pass_and_is_counted() throws Exception {
    IssuedKey watched = node.key(node.user("carol"));
    block("{\"kind\":\"key\",\"value\":\"" + watched.key().id() + "\",\"enforcement\":\"shadow\"}");

    await().until(() -> {
      assertThat(status(node, watched.secret(), "198.51.100.4")).isEqualTo(200);
      return node.admin("GET", "/metrics", "").body().lines()
          .anyMatch(line -> line.startsWith("gatehouse_shadow_refusals_total{policy=\"block-key-shadow\"}"));
    });
    assertThat(node.admin("GET", "/metrics", "").body().lines().filter(line -> line.startsWith("gatehouse_blocks{")))
        .hasSize(4)
        .anyMatch(line -> line.startsWith("gatehouse_blocks{kind=\"key\"}") && !line.endsWith(" 0.0"));
  }

  @Test
  void a_country_is_kept_out_by_the_file_as_it_is_now() throws Exception {
    assertThat(status(node, key.secret(), "192.0.2.1")).isEqualTo(200);
    String id = block("{\"kind\":\"country\",\"value\":\"DE\"}");
    await().until(() -> status(node, key.secret(), "192.0.2.1") == 403);
    assertThat(status(node, key.secret(), "2001:db8::1")).isEqualTo(200);

    CountryFile.replace(countries, Map.of("192.0.2.0/25", "AT", "2001:db8::/32", "DE"));

    await().atMost(Duration.ofSeconds(20)).until(() -> status(node, key.secret(), "2001:db8::1") == 403);
    assertThat(status(node, key.secret(), "192.0.2.1")).isEqualTo(200);
    node.admin("DELETE", "/api/v1/blocks/" + id, "");
    await().until(() -> status(node, key.secret(), "2001:db8::1") == 200);
  }

  @Test
  void a_file_of_countries_that_is_of_no_use_is_refused_at_the_start(@TempDir Path other) throws Exception {
    Path broken = Files.writeString(other.resolve("broken.mmdb"), "half of it");

    assertThatThrownBy(() -> GatewayNode.start(other, yaml("off", "countries_file: " + broken)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("abuse.countries_file")
        .hasMessageContaining("no MaxMind DB, or a broken one (expected: a .mmdb file with countries)");
  }

  @Test
  void suspensions_in_the_shadow_let_pass_and_outlive_a_restart(@TempDir Path other) throws Exception {
    String address = "198.51.100.5";
    String yaml = yaml("shadow", "exempt: 198.51.100.6").replace("first_suspension: 2s", "first_suspension: 1h");
    IssuedKey good;
    try (GatewayNode shadow = GatewayNode.start(other, yaml)) {
      good = shadow.key(shadow.user("alice"));
      JsonNode block = offend(shadow, address, 1).path("after");
      assertThat(block.path("enforcement").asText()).isEqualTo("shadow");
      assertThat(status(shadow, good.secret(), address)).isEqualTo(200);
      for (int i = 0; i < 30; i++) {
        assertThat(status(shadow, BAD, "198.51.100.6")).isEqualTo(401);
      }
      String metrics = shadow.admin("GET", "/metrics", "").body();
      assertThat(metrics).contains("gatehouse_suspensions_total{cause=\"bad_keys\"} 1.0");
      assertThat(metrics).contains("gatehouse_shadow_refusals_total{policy=\"block-network-shadow\"}");
    }

    try (GatewayNode restarted = GatewayNode.start(other, yaml)) {
      assertThat(GatewayNode.json(restarted.admin("GET", "/api/v1/blocks", "")).path("blocks")).hasSize(1);
      JsonNode explained = GatewayNode.json(restarted.admin("GET", "/api/v1/explain?address=" + address, ""));
      assertThat(explained.at("/gates/0/gate").asText()).isEqualTo("blocks");
      assertThat(explained.at("/gates/0/rule").asText()).isEqualTo("block-network-shadow");
      assertThat(status(restarted, good.secret(), address)).isEqualTo(200);
      String id = GatewayNode.json(restarted.admin("GET", "/api/v1/blocks", "")).at("/blocks/0/id").asText();
      restarted.admin("PATCH", "/api/v1/blocks/" + id, "{\"enforcement\":\"enforced\"}");
      await().until(() -> status(restarted, good.secret(), address) == 403);
    }
  }

  @Test
  void a_killed_gateway_keeps_out_whom_it_kept_out(@TempDir Path other) throws Exception {
    String yaml = yaml("enforced", "").replace("first_suspension: 2s", "first_suspension: 1h");
    try (GatewayProcess gateway = new GatewayProcess(other, "256m", yaml)) {
      HttpResponse<String> made = call(
          gateway, "POST", "/api/v1/blocks", "{\"kind\":\"network\",\"value\":\"203.0.113.8\"}",
          "Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN, "Content-Type", "application/json");
      assertThat(made.statusCode()).isEqualTo(201);
      await().atMost(Duration.ofSeconds(20)).until(
          () -> call(gateway, "GET", "/a", "", "X-API-Key", BAD, "X-Forwarded-For", "203.0.113.9").statusCode() == 403);
      await().until(() -> call(
          gateway, "GET", "/api/v1/blocks?source=automatic", "", "Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)
          .body().contains("203.0.113.9/32"));

      gateway.kill();
      gateway.start();

      for (String address : List.of("203.0.113.8", "203.0.113.9")) {
        assertThat(call(gateway, "GET", "/a", "", "X-API-Key", BAD, "X-Forwarded-For", address).body())
            .as("from the first request on").contains("urn:gatehouse:problem:blocked");
      }
    }
  }

  private static HttpResponse<String> call(
      GatewayProcess gateway, String method, String path, String body, String... fields) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .headers(fields)
        .build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }

  @Test
  void what_one_node_suspends_the_other_keeps_out_and_lifted_is_lifted_on_both(@TempDir Path pair) throws Exception {
    String address = "198.51.100.7";
    try (NodePair nodes = NodePair.start(
        pair, PostgresFixture.shared().newDatabase(), """
            server: {trusted_proxies: ["127.0.0.1"]}
            abuse: {mode: enforced, bad_keys_per_minute: 10, first_suspension: 1h}
            """)) {
      GatewayNode first = nodes.first();
      GatewayNode second = nodes.second();
      IssuedKey good = first.key(first.user("alice"));
      assertThat(status(second, good.secret(), address)).isEqualTo(200);

      JsonNode block = offend(first, address, 1).path("after");
      assertThat(status(first, good.secret(), address)).isEqualTo(403);
      await().atMost(Duration.ofSeconds(5)).pollInterval(Duration.ofMillis(20))
          .until(() -> status(second, good.secret(), address) == 403);

      long lifted = System.nanoTime();
      second.admin("DELETE", "/api/v1/blocks/" + block.path("id").asText(), "");
      await().atMost(Duration.ofSeconds(5)).pollInterval(Duration.ofMillis(20))
          .until(() -> status(first, good.secret(), address) == 200 && status(second, good.secret(), address) == 200);
      assertThat(Duration.ofNanos(System.nanoTime() - lifted)).isLessThan(Duration.ofSeconds(2));

      // Lifted is forgotten, on the other node as well.
      assertThat(offend(second, address, 2).at("/after/strikes").asInt()).isEqualTo(1);
    }
  }

  private static String block(String json) throws Exception {
    HttpResponse<String> made = node.admin("POST", "/api/v1/blocks", json);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return GatewayNode.json(made).path("id").asText();
  }

  private static int status(GatewayNode at, String secret, String address) throws Exception {
    return get(at, secret, address).statusCode();
  }

  private static HttpResponse<String> get(GatewayNode at, String secret, String address) throws Exception {
    return at.get("/a", "X-API-Key", secret, "X-Forwarded-For", address);
  }
}

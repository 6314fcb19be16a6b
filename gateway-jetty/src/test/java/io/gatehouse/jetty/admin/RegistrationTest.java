package io.gatehouse.jetty.admin;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends that register themselves, as documents of the API. */
class RegistrationTest {

  private static final String ADDRESS = "http://127.0.0.1:10";
  private static final String BEAT = "{\"url\":\"" + ADDRESS + "\",\"ttl\":\"30s\"}";

  @TempDir Path directory;
  private RunningAdmin admin;

  @BeforeEach
  void start() throws Exception {
    admin = RunningAdmin.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_backend_registers_beats_and_leaves() throws Exception {
    Instant before = Instant.now();
    Reply registered = announce("{\"url\":\"" + ADDRESS + "\",\"ttl\":\"30s\",\"weight\":50}");
    assertThat(registered.status()).isEqualTo(201);
    assertThat(registered.text("origin")).isEqualTo("registration");
    assertThat(registered.text("ttl")).isEqualTo("30s");
    assertThat(Instant.parse(registered.text("expires_at")))
        .isBetween(before.plusSeconds(29), Instant.now().plusSeconds(31));
    await().atMost(ofSeconds(2)).until(() -> pooled().isPresent());

    Reply beat = announce(BEAT);
    assertThat(beat.status()).isEqualTo(200);
    assertThat(beat.json().get("weight").intValue()).as("as it was").isEqualTo(50);
    assertThat(row().get("origin").asText()).isEqualTo("registration");
    assertThat(row().get("ttl").asText()).isEqualTo("30s");

    assertThat(leave().status()).isEqualTo(204);
    assertThat(leave().status()).isEqualTo(404);
    await().atMost(ofSeconds(2)).until(() -> pooled().isEmpty());
  }

  @Test
  void what_an_administrator_drains_stays_drained_while_it_beats() throws Exception {
    announce(BEAT);

    Reply drained = admin.send("PUT", "/backends", "{\"url\":\"" + ADDRESS + "\",\"state\":\"draining\"}");
    assertThat(drained.status()).isEqualTo(200);
    assertThat(drained.text("ttl")).as("it has still to beat").isEqualTo("30s");

    assertThat(announce(BEAT).text("state")).isEqualTo("draining");
    await().atMost(ofSeconds(2)).until(
        () -> pooled().filter(backend -> backend.state() == Upstream.State.DRAINING).isPresent());
  }

  @Test
  void an_administrator_keeps_a_registered_backend_for_good_by_taking_its_ttl_away() throws Exception {
    announce(BEAT);

    Reply kept = admin.send("PUT", "/backends", "{\"url\":\"" + ADDRESS + "\",\"ttl\":null}");
    assertThat(kept.status()).isEqualTo(200);
    assertThat(kept.text("origin")).isEqualTo("store");
    assertThat(kept.json().get("ttl").isNull()).isTrue();
    assertThat(kept.json().get("expires_at").isNull()).isTrue();

    Reply refused = announce(BEAT);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.problem()).isEqualTo("backend-kept");
    assertThat(leave().status()).isEqualTo(404);
    assertThat(row().get("origin").asText()).isEqualTo("store");
    assertThat(admin.send("PUT", "/backends", BEAT).problem()).isEqualTo("backend-kept");
  }

  @Test
  void an_administrator_may_do_for_a_backend_what_it_may_do_itself() throws Exception {
    assertThat(admin.send("PUT", "/backends", BEAT, "If-Match", "*").status()).isEqualTo(412);
    assertThat(admin.send("PUT", "/backends", BEAT, "If-None-Match", "*").status()).isEqualTo(201);
    assertThat(admin.send("PUT", "/backends", BEAT).status()).isEqualTo(200);
    assertThat(admin.send("PUT", "/backends", BEAT, "If-None-Match", "*").status()).isEqualTo(412);
    assertThat(admin.delete("/backends?url=" + ADDRESS).status()).isEqualTo(204);
    assertThat(admin.delete("/backends?url=" + ADDRESS).status()).isEqualTo(404);
  }

  @Test
  void the_token_for_registration_opens_nothing_else() throws Exception {
    admin.send("PUT", "/backends", "{\"url\":\"http://127.0.0.1:11\",\"weight\":3}");

    assertThat(backend("GET", "/backends", "").problem()).isEqualTo("role-insufficient");
    assertThat(backend("GET", "/users", "").status()).isEqualTo(403);
    assertThat(backend("POST", "/users", "{\"name\":\"eve\"}").status()).isEqualTo(403);
    assertThat(announce("{\"url\":\"" + ADDRESS + "\"}").faulty()).as("never for good").containsExactly("ttl");
    assertThat(announce("{\"url\":\"" + ADDRESS + "\",\"ttl\":null}").faulty()).containsExactly("ttl");
    assertThat(announce("{\"url\":\"http://127.0.0.1:11\",\"ttl\":\"30s\",\"state\":\"draining\"}").problem())
        .isEqualTo("backend-kept");
    assertThat(announce("{\"url\":\"" + RunningAdmin.CONFIGURED + "\",\"ttl\":\"30s\",\"state\":\"draining\"}").problem())
        .isEqualTo("backend-configured");
    assertThat(backend("DELETE", "/backends?url=http://127.0.0.1:11", "").status()).isEqualTo(404);
    assertThat(backend("DELETE", "/backends?url=" + RunningAdmin.CONFIGURED, "").status()).isEqualTo(404);

    Reply stranger = admin.exchange(
        "PUT", "/api/v1/backends", BodyPublishers.ofString(BEAT), "Authorization", "Bearer another-token");
    assertThat(stranger.status()).isEqualTo(401);
  }

  @Test
  void a_ttl_has_bounds() throws Exception {
    for (String ttl : new String[] {"4999ms", "3601s", "0s", "soon"}) {
      Reply refused = announce("{\"url\":\"" + ADDRESS + "\",\"ttl\":\"" + ttl + "\"}");
      assertThat(refused.status()).as(ttl).isEqualTo(400);
      assertThat(refused.faulty()).containsExactly("ttl");
    }
    assertThat(announce("{\"url\":\"" + ADDRESS + "\",\"ttl\":\"5s\"}").status()).isEqualTo(201);
    assertThat(announce("{\"url\":\"" + ADDRESS + "\",\"ttl\":\"1h\"}").status()).isEqualTo(200);
  }

  @Test
  void places_are_bounded() throws Exception {
    Registrations registrations = admin.gatehouse().stores().registrations();
    for (int i = 0; i < Registrations.MOST; i++) {
      URI uri = URI.create("http://127.0.0.2:" + (1000 + i));
      registrations.register(
          new Upstream(uri, 1, Upstream.State.DRAINING, Duration.ofHours(1)), Duration.ofMinutes(10));
    }

    Reply refused = announce(BEAT);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.problem()).isEqualTo("registrations-full");
  }

  private Reply announce(String document) throws Exception {
    return backend("PUT", "/backends", document);
  }

  private Reply leave() throws Exception {
    return backend("DELETE", "/backends?url=" + ADDRESS, "");
  }

  /** Sends as a backend. */
  private Reply backend(String method, String path, String document) throws Exception {
    return admin.exchange(method, "/api/v1" + path, BodyPublishers.ofString(document),
        "Authorization", "Bearer " + RunningAdmin.REGISTRATION_TOKEN, "Content-Type", "application/json");
  }

  private JsonNode row() throws Exception {
    for (JsonNode row : admin.get("/backends").json().get("backends")) {
      if (row.get("url").asText().equals(ADDRESS)) {
        return row;
      }
    }
    throw new AssertionError("no row");
  }

  private Optional<Upstream> pooled() {
    return admin.gatehouse().pool().standings().stream()
        .map(standing -> standing.upstream())
        .filter(upstream -> upstream.uri().equals(URI.create(ADDRESS)))
        .findFirst();
  }
}

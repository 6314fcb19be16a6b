package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Admission;
import io.gatehouse.Outcome;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.key.User;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmStartTest {

  @TempDir Path directory;

  @Test
  void a_key_that_was_used_is_known_at_the_next_start_before_it_comes() {
    Requests request;
    try (Gatehouse gatehouse = open()) {
      gatehouse.stores().users().addUser(new User("u1", "alice", true, Instant.EPOCH));
      request = requestOfNewKey(gatehouse);
      requestOfNewKey(gatehouse);
      Admission.Admitted admitted = (Admission.Admitted) gatehouse.gateway().admit(request);
      admitted.complete(new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED));
    }

    try (Gatehouse gatehouse = open()) {
      await().atMost(Duration.ofSeconds(20)).until(() -> gatehouse.cache().size() == 1);
      assertThat(gatehouse.gateway().admit(request)).isInstanceOf(Admission.Admitted.class);
      assertThat(gatehouse.cache().misses()).isZero();
      assertThat(gatehouse.cache().hits()).isOne();
    }
    try (Gatehouse gatehouse = open("GATEHOUSE_AUTH_WARM_KEYS", "0")) {
      assertThat(gatehouse.gateway().admit(request)).isInstanceOf(Admission.Admitted.class);
      assertThat(gatehouse.cache().misses()).isOne();
    }
  }

  private static Requests requestOfNewKey(Gatehouse gatehouse) {
    return Requests.get("/").with(
        "X-API-Key", gatehouse.stores().issuer().issue("u1", "", Set.of(), Optional.empty()).secret());
  }

  private Gatehouse open(String... more) {
    Map<String, String> environment = new HashMap<>(Map.of("GATEHOUSE_DATA_DIR", directory.toString()));
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    Settings settings = SettingsReader.read(Optional.empty(), environment).settings();
    return Gatehouse.open(settings, List.of());
  }
}

package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Refusal.Reason;
import io.gatehouse.access.Authenticator.Result;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.key.ApiKey;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyAuthenticatorTest {

  private final SettableClock clock = new SettableClock();
  private final KnownKeys store = new KnownKeys();
  private final KeyFormat format = new KeyFormat("gk", "live");
  private final EntitlementCache cache =
      new EntitlementCache(
          store.search(),
          new EntitlementCache.Bounds(100, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofHours(1)),
          clock.nanoTime());
  private final KeyAuthenticator authenticator =
      new KeyAuthenticator(
          cache, new EntitlementRules(KnownKeys::entitlementOf), KnownKeys.PEPPER, format, "api_key", clock);
  private final String text = format.mint();

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void a_good_key_is_known_in_each_of_its_places() {
    store.put(text, KnownKeys.key("k1", "alice"));

    assertThat(user(Requests.get("/").with("X-API-Key", text))).isEqualTo("alice");
    assertThat(user(Requests.get("/").with("Authorization", "Bearer " + text))).isEqualTo("alice");
    assertThat(user(Requests.get("/").with("authorization", "bearer  " + text))).isEqualTo("alice");
    assertThat(user(Requests.get("/a?x=1&api_key=" + text))).isEqualTo("alice");
  }

  @Test
  void no_key_is_absent_and_other_schemes_are_not_ours() {
    assertThat(authenticator.authenticate(Requests.get("/?api_key2=x"))).isInstanceOf(Result.Absent.class);
    assertThat(authenticator.authenticate(Requests.get("/").with("Authorization", "Basic YTpi")))
        .isInstanceOf(Result.Absent.class);
  }

  @Test
  void a_key_sent_twice_or_misspelt_is_refused_without_a_look_up() {
    store.put(text, KnownKeys.key("k1", "alice"));

    assertThat(reason(Requests.get("/").with("X-API-Key", text, text))).isEqualTo(Reason.KEY_MALFORMED);
    assertThat(reason(Requests.get("/").with("X-API-Key", text).with("Authorization", "Bearer " + text)))
        .isEqualTo(Reason.KEY_MALFORMED);
    assertThat(reason(Requests.get("/?api_key=" + text).with("X-API-Key", text))).isEqualTo(Reason.KEY_MALFORMED);
    assertThat(reason(Requests.get("/").with("X-API-Key", ""))).isEqualTo(Reason.KEY_MALFORMED);
    assertThat(reason(Requests.get("/").with("X-API-Key", text + "x".repeat(5000)))).isEqualTo(Reason.KEY_MALFORMED);
    assertThat(store.asked).hasValue(0);
  }

  @Test
  void an_unknown_key_is_invalid_a_disabled_or_expired_one_says_so_to_its_holder() {
    assertThat(reason(Requests.get("/").with("X-API-Key", format.mint()))).isEqualTo(Reason.KEY_UNKNOWN);

    ApiKey key = KnownKeys.key("k1", "alice");
    store.put(text, key.withExpiresAt(Optional.of(clock.instant().plusSeconds(10))));
    assertThat(user(Requests.get("/").with("X-API-Key", text))).isEqualTo("alice");
    clock.advance(Duration.ofSeconds(10));
    assertThat(reason(Requests.get("/").with("X-API-Key", text))).isEqualTo(Reason.KEY_EXPIRED);

    String other = format.mint();
    store.put(other, key.withEnabled(false));
    assertThat(reason(Requests.get("/").with("X-API-Key", other))).isEqualTo(Reason.KEY_DISABLED);
  }

  private String user(Requests request) {
    return ((Result.Known) authenticator.authenticate(request)).entitlement().subject().user();
  }

  private Reason reason(Requests request) {
    return ((Result.Rejected) authenticator.authenticate(request)).refusal().reason();
  }
}

package io.gatehouse.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.upstream.Upstream.State;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {

  private static final Duration INTERVAL = Duration.ofSeconds(30);

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:48080", "https://images.example.com", "http://[2001:db8::1]:80"})
  void a_backend_is_scheme_host_and_port(String uri) {
    assertThat(new Upstream(URI.create(uri), 1, State.ENABLED, INTERVAL).uri()).hasToString(uri);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://a/", "http://a/path", "http://a?x=1", "http://a#top", "http://me:pw@a", "ftp://a",
      "//a", "a", "http:a", "http://a_b:80", "HTTP://a"})
  void anything_else_is_refused(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Upstream(URI.create(uri), 1, State.ENABLED, INTERVAL))
        .withMessageStartingWith("uri: ");
  }

  @Test
  void weight_and_interval_are_checked() {
    URI uri = URI.create("http://a:1");

    assertThat(new Upstream(uri, Upstream.MOST_WEIGHT, State.DRAINING, Duration.ofNanos(1)).weight()).isEqualTo(100);
    assertThatIllegalArgumentException().isThrownBy(() -> new Upstream(uri, 0, State.ENABLED, INTERVAL))
        .withMessage("weight: 0 (expected: 1 to 100)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Upstream(uri, 120, State.ENABLED, INTERVAL))
        .withMessage("weight: 120 (expected: 1 to 100)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Upstream(uri, 1, State.ENABLED, Duration.ZERO))
        .withMessage("healthCheckInterval: PT0S (expected: more than zero)");
  }

  @Test
  void a_backend_is_of_the_default_pool_unless_it_is_put_into_another() {
    Upstream backend = new Upstream(URI.create("http://a.test"), 3, State.DRAINING, INTERVAL);

    assertThat(backend.pool()).isEqualTo("default");
    assertThat(backend.in("images")).isEqualTo(
        new Upstream(URI.create("http://a.test"), 3, State.DRAINING, INTERVAL, "images"));
    assertThatIllegalArgumentException().isThrownBy(() -> backend.in("Images"))
        .withMessage("pool: Images (expected: 1 to 40 lower-case letters, digits and hyphens)");
  }
}

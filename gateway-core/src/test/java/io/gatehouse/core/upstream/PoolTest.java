package io.gatehouse.core.upstream;

import static io.gatehouse.core.upstream.Upstreams.upstream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.upstream.Upstream.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolTest {

  private final Pool pool = new Pool(HealthCheck.DEFAULT);

  @Test
  void the_same_uri_twice_is_refused_and_changes_nothing() {
    pool.replace(List.of(upstream("a", 1)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> pool.replace(List.of(upstream("b", 1), upstream("b", 2))))
        .withMessage("upstreams: http://b:8080 twice (expected: every URI once)");

    assertThat(pool.standings()).extracting(Standing::upstream).containsExactly(upstream("a", 1));
  }

  @Test
  void standings_come_in_the_order_given_and_say_who_is_usable() {
    pool.replace(List.of(upstream("b", 1), upstream("a", 1, State.DRAINING)));

    assertThat(pool.standings()).extracting(Standing::usable).containsExactly(true, false);
    assertThat(pool.standings()).extracting(Standing::upstream)
        .containsExactly(upstream("b", 1), upstream("a", 1, State.DRAINING));
  }

  @Test
  void impossible_checks_are_refused() {
    Duration second = Duration.ofSeconds(1);
    assertThatIllegalArgumentException().isThrownBy(() -> new HealthCheck("health", second, second, 3, 2))
        .withMessageStartingWith("path: \"health\"");
    assertThatIllegalArgumentException().isThrownBy(() -> new HealthCheck("/a\r\nX: y", second, second, 3, 2))
        .withMessageStartingWith("path: \"/a??X: y\"");
    assertThatIllegalArgumentException().isThrownBy(() -> new HealthCheck("/", Duration.ZERO, second, 3, 2))
        .withMessage("timeout: PT0S (expected: more than zero)");
    assertThatIllegalArgumentException().isThrownBy(() -> new HealthCheck("/", second, second, 0, 2))
        .withMessage("unhealthyAfter: 0 (expected: 1 or more)");
  }
}

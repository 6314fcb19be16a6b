package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.route.Route;
import io.gatehouse.core.route.Routes;
import io.gatehouse.limit.Endpoint;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.EndpointLimits.Per;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which endpoint the requests of a route are charged as. The clock of the limits stands still. */
class RoutesAndLimitsTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final KeyedGateway gateway =
      KeyedGateway.builder(digest -> Optional.empty(), new Pepper(1, new byte[32]))
          .anonymous(IdentityGate.Anonymous.ADMITTED)
          .routes(new Routes(List.of(
              route("uploads", Optional.of("up.test"), "/", Optional.of("heavy")),
              route("rest", Optional.empty(), "/", Optional.empty()))))
          .endpointLimits(List.of(
              limits("light", "/light", 9), limits("heavy", "/heavy", 2)))
          .limiter(new MemoryRateLimiter(1 << 10, () -> 0))
          .build();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void requests_of_a_route_are_charged_as_its_endpoint_whatever_their_path() {
    assertThat(rule("up.test", "/anything")).isEmpty();
    assertThat(rule("up.test", "/light")).isEmpty();
    assertThat(rule("up.test", "/%6Cight//x")).isEqualTo("endpoint-heavy-hour");
  }

  @Test
  void other_requests_are_charged_by_their_path_and_share_the_limit() {
    assertThat(rule("other.test", "/heavy")).isEmpty();
    assertThat(rule("up.test", "/x")).isEmpty();
    assertThat(rule("other.test", "/%68eavy")).isEqualTo("endpoint-heavy-hour");
    assertThat(rule("other.test", "/light")).isEmpty();
    assertThat(rule("other.test", "/")).isEmpty();
  }

  @Test
  void a_preview_looks_at_the_endpoint_of_the_route() {
    Preview preview = gateway.preview(Requests.get("/light").with("Host", "up.test"));

    assertThat(preview.steps()).extracting(Preview.Step::gate)
        .containsExactly("identity", "whitelist", "scope", "route", "limits", "quota");
    assertThat(preview.steps().get(4).finding().standings()).singleElement()
        .satisfies(standing -> assertThat(standing.policy()).isEqualTo("endpoint-heavy-hour"));
  }

  @Test
  void what_no_route_covers_is_charged_nothing() {
    try (KeyedGateway narrow =
        KeyedGateway.builder(digest -> Optional.empty(), new Pepper(1, new byte[32]))
            .anonymous(IdentityGate.Anonymous.ADMITTED)
            .routes(new Routes(List.of(route("images", Optional.empty(), "/img", Optional.empty()))))
            .apiLimits(List.of(Limit.of(1, HOUR)))
            .limiter(new MemoryRateLimiter(1 << 10, () -> 0))
            .build()) {
      for (int i = 0; i < 5; i++) {
        assertThat(narrow.admit(Requests.get("/other"))).isInstanceOfSatisfying(Admission.Refused.class,
            refused -> assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.NO_ROUTE));
      }

      assertThat(narrow.admit(Requests.get("/img"))).isInstanceOf(Admission.Admitted.class);
    }
  }

  private String rule(String host, String target) {
    Admission admission = gateway.admit(Requests.get(target).with("Host", host));
    return admission instanceof Admission.Refused refused ? refused.refusal().rule() : "";
  }

  private static Route route(String name, Optional<String> host, String path, Optional<String> limits) {
    return new Route(name, host, path, Set.of(), "default", limits);
  }

  private static EndpointLimits limits(String name, String path, long most) {
    return new EndpointLimits(new Endpoint(name, path, Set.of()), 1, Per.ALL, List.of(Limit.of(most, HOUR)));
  }
}

package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Finding;
import io.gatehouse.Inbound;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.key.User;
import io.gatehouse.limit.Endpoint;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.EndpointLimits.Per;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who shares which limit. The clock of the limits stands still: what was taken stays taken. */
class LevelsTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final SettableClock clock = new SettableClock();
  private final Pepper pepper = new Pepper(1, new byte[32]);
  private final List<KeyedGateway> opened = new ArrayList<>();
  private final MemoryDirectory directory =
      new MemoryDirectory(change -> opened.forEach(gateway -> gateway.changed(change)));
  private final KeyIssuer issuer = new KeyIssuer(directory, new KeyFormat("gk", "live"), pepper, clock);

  @AfterEach
  void close() {
    opened.forEach(KeyedGateway::close);
  }

  @Test
  void every_key_has_a_limit_of_its_own_and_all_keys_of_a_user_that_of_the_user() {
    KeyedGateway gateway = open(builder().keyLimits(perHour(2)).userLimits(perHour(3)));
    IssuedKey first = key("alice");
    IssuedKey second = key("alice");

    assertThat(rules(gateway, first, 3)).containsExactly("", "", "key-hour");
    assertThat(rules(gateway, second, 2)).containsExactly("", "user-hour");
    assertThat(rules(gateway, key("bob"), 3)).containsExactly("", "", "key-hour");
  }

  @Test
  void a_key_and_all_that_it_was_rotated_to_share_one_limit_also_when_the_older_ones_are_deleted() {
    KeyedGateway gateway = open(builder().keyLimits(perHour(4)));
    IssuedKey first = key("alice");
    rules(gateway, first, 1);
    IssuedKey second = issuer.rotate(first.key().id(), HOUR).orElseThrow();
    rules(gateway, second, 1);
    IssuedKey third = issuer.rotate(second.key().id(), HOUR).orElseThrow();
    directory.deleteKey(first.key().id());
    directory.deleteKey(second.key().id());
    IssuedKey fourth = issuer.rotate(third.key().id(), HOUR).orElseThrow();

    assertThat(rules(gateway, fourth, 1)).containsExactly("");
    assertThat(rules(gateway, third, 2)).containsExactly("", "key-hour");
    assertThat(fourth.key().lineage()).isEqualTo(first.key().id());
  }

  @Test
  void limits_of_a_keys_own_go_with_it_through_rotations_and_end_with_the_last_of_them() {
    KeyedGateway gateway = open(builder().keyLimits(perHour(1)));
    IssuedKey first = key("alice");
    directory.replaceLimits(Level.KEY, first.key().lineage(), Optional.of(perHour(3)));
    IssuedKey second = issuer.rotate(first.key().id(), HOUR).orElseThrow();
    directory.deleteKey(first.key().id());

    assertThat(rules(gateway, second, 4)).containsExactly("", "", "", "key-hour");
    directory.deleteKey(second.key().id());
    assertThat(directory.limitsOf(Level.KEY, first.key().lineage())).isEmpty();
  }

  @Test
  void the_users_of_a_tenant_share_its_limit_and_nobody_else_does() {
    KeyedGateway gateway = open(builder().tenantLimits(perHour(3)));
    IssuedKey alice = key("alice", "acme");
    IssuedKey bob = key("bob", "acme");
    IssuedKey carol = key("carol", "Acme");
    IssuedKey dave = key("dave");

    assertThat(rules(gateway, alice, 2)).containsExactly("", "");
    assertThat(rules(gateway, bob, 2)).containsExactly("", "tenant-hour");
    assertThat(rules(gateway, carol, 3)).containsExactly("", "", "");
    assertThat(rules(gateway, dave, 9)).containsOnly("");
  }

  @Test
  void a_change_of_a_tenant_reaches_all_of_its_users_and_a_user_who_moves_is_counted_there() {
    KeyedGateway gateway = open(builder().tenantLimits(perHour(1)));
    IssuedKey alice = key("alice", "acme");
    IssuedKey bob = key("bob", "acme");
    rules(gateway, alice, 1);
    assertThat(rules(gateway, bob, 1)).containsExactly("tenant-hour");

    directory.replaceLimits(Level.TENANT, "acme", Optional.of(List.of()));
    assertThat(rules(gateway, alice, 2)).containsExactly("", "");
    assertThat(rules(gateway, bob, 2)).containsExactly("", "");

    User moved = directory.user("bob").orElseThrow();
    directory.updateUser(new User(moved.id(), moved.name(), true, moved.createdAt(), Optional.of("other")));
    assertThat(rules(gateway, bob, 2)).containsExactly("", "tenant-hour");
  }

  @Test
  void all_levels_are_one_decision_and_what_one_refuses_costs_the_others_nothing() {
    KeyedGateway gateway =
        open(
            builder()
                .keyLimits(perHour(9))
                .userLimits(perHour(8))
                .tenantLimits(perHour(7))
                .endpointLimits(List.of(endpoint("pictures", "/img", 1, Per.ALL, 6)))
                .apiLimits(perHour(1)));
    IssuedKey alice = key("alice", "acme");

    assertThat(refusalOf(gateway, request(alice, "/img/a"))).isEmpty();
    for (int i = 0; i < 3; i++) {
      assertThat(refusalOf(gateway, request(alice, "/img/a"))).map(Refusal::rule).contains("api-hour");
    }

    assertThat(standings(gateway, request(alice, "/img/a"))).containsExactly(
        "endpoint-pictures-hour 5 of 6", "key-hour 8 of 9", "user-hour 7 of 8", "tenant-hour 6 of 7", "api-hour 0 of 1");
  }

  @Test
  void several_windows_of_one_level_hold_together_and_the_one_that_waits_longest_is_named() {
    KeyedGateway gateway =
        open(builder().keyLimits(List.of(Limit.of(2, Duration.ofSeconds(1)), Limit.of(2, Duration.ofDays(1)))));

    assertThat(rules(gateway, key("alice"), 3)).containsExactly("", "", "key-day");
  }

  @Test
  void the_first_endpoint_that_covers_a_request_holds_and_no_other() {
    KeyedGateway gateway =
        open(
            builder()
                .endpointLimits(
                    List.of(
                        endpoint("raw", "/img/raw", 1, Per.ALL, 1),
                        endpoint("pictures", "/img", 1, Per.ALL, 2),
                        endpoint("rest", "/", 1, Per.ALL, 3))));
    IssuedKey alice = key("alice");

    assertThat(rules(gateway, alice, "/img/raw/a", 2)).containsExactly("", "endpoint-raw-hour");
    assertThat(rules(gateway, alice, "/img/b", 3)).containsExactly("", "", "endpoint-pictures-hour");
    assertThat(rules(gateway, alice, "/images", 4)).containsExactly("", "", "", "endpoint-rest-hour");
  }

  @Test
  void an_endpoint_is_shared_by_all_callers_or_counted_for_each_user() {
    KeyedGateway gateway =
        open(
            builder()
                .endpointLimits(
                    List.of(endpoint("all", "/all", 1, Per.ALL, 2), endpoint("each", "/each", 1, Per.USER, 2))));
    IssuedKey alice = key("alice");
    IssuedKey other = key("alice");
    IssuedKey bob = key("bob");

    assertThat(rules(gateway, alice, "/all", 1)).containsExactly("");
    assertThat(rules(gateway, bob, "/all", 2)).containsExactly("", "endpoint-all-hour");
    assertThat(rules(gateway, alice, "/each", 1)).containsExactly("");
    assertThat(rules(gateway, other, "/each", 2)).containsExactly("", "endpoint-each-hour");
    assertThat(rules(gateway, bob, "/each", 3)).containsExactly("", "", "endpoint-each-hour");
  }

  @Test
  void the_cost_of_an_endpoint_multiplies_every_charge_of_a_request() {
    KeyedGateway gateway =
        open(
            builder()
                .userLimits(perHour(10))
                .apiLimits(perHour(100))
                .endpointLimits(List.of(endpoint("upload", "/upload", 4, Per.ALL, 40))));
    IssuedKey alice = key("alice");

    assertThat(rules(gateway, alice, "/upload", 3)).containsExactly("", "", "user-hour");
    assertThat(rules(gateway, alice, "/other", 3)).containsExactly("", "", "user-hour");
    assertThat(standings(gateway, request(alice, "/upload"))).containsExactly(
        "endpoint-upload-hour 32 of 40", "user-hour 0 of 10", "api-hour 90 of 100");
  }

  @Test
  void an_answer_lists_the_rules_of_its_endpoint() {
    KeyedGateway gateway =
        open(
            builder()
                .userLimits(perHour(10))
                .endpointLimits(List.of(endpoint("upload", "/upload", 1, Per.ALL, 40))));
    IssuedKey alice = key("alice");

    assertThat(gateway.admit(request(alice, "/upload")).responseHeaders())
        .containsEntry("RateLimit-Policy", "\"endpoint-upload-hour\";q=40;w=3600,\"user-hour\";q=10;w=3600");
    assertThat(gateway.admit(request(alice, "/")).responseHeaders())
        .containsEntry("RateLimit-Policy", "\"user-hour\";q=10;w=3600");
  }

  @Test
  void callers_that_nobody_knows_are_limited_by_endpoint_and_api_together_with_the_others() {
    KeyedGateway gateway =
        open(
            builder()
                .anonymous(IdentityGate.Anonymous.ADMITTED)
                .userLimits(perHour(1))
                .apiLimits(perHour(4))
                .endpointLimits(
                    List.of(endpoint("all", "/all", 1, Per.ALL, 1), endpoint("each", "/each", 1, Per.USER, 1))));
    Requests nobody = Requests.get("/each");

    assertThat(refusalOf(gateway, nobody)).isEmpty();
    assertThat(refusalOf(gateway, nobody.from("192.0.2.99"))).map(Refusal::rule).contains("endpoint-each-hour");
    assertThat(rules(gateway, key("alice"), "/each", 1)).containsExactly("");
    assertThat(refusalOf(gateway, Requests.get("/all"))).isEmpty();
    assertThat(rules(gateway, key("bob"), "/all", 1)).containsExactly("endpoint-all-hour");
    Admission last = gateway.admit(Requests.get("/"));
    assertThat(last.responseHeaders()).containsEntry("RateLimit-Policy", "\"api-hour\";q=4;w=3600");
    assertThat(refusalOf(gateway, Requests.get("/"))).map(Refusal::rule).contains("api-hour");
  }

  @Test
  void a_shadow_of_any_level_refuses_nothing_and_says_what_it_would_have() {
    KeyedGateway gateway =
        open(
            builder()
                .keyLimits(List.of(Limit.of(1, HOUR).asShadow()))
                .tenantLimits(List.of(Limit.of(2, HOUR).asShadow())));
    IssuedKey alice = key("alice", "acme");

    List<String> would = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Admission.Admitted admitted = (Admission.Admitted) gateway.admit(request(alice, "/"));
      admitted.shadowRefusals().forEach(refusal -> would.add(refusal.rule()));
    }

    assertThat(would).containsExactly("key-hour-shadow", "key-hour-shadow", "tenant-hour-shadow");
  }

  private static EndpointLimits endpoint(String name, String path, long cost, Per per, long perHour) {
    return new EndpointLimits(new Endpoint(name, path, Set.of()), cost, per, perHour(perHour));
  }

  private static List<Limit> perHour(long permits) {
    return List.of(Limit.of(permits, HOUR));
  }

  private KeyedGateway.Builder builder() {
    return KeyedGateway.builder(directory, pepper)
        .limits(directory)
        .tenants(directory)
        .clock(clock)
        .limiter(new MemoryRateLimiter(1 << 10, () -> 0));
  }

  private KeyedGateway open(KeyedGateway.Builder builder) {
    KeyedGateway gateway = builder.build();
    opened.add(gateway);
    return gateway;
  }

  private IssuedKey key(String user, String... tenant) {
    if (directory.user(user).isEmpty()) {
      directory.addUser(new User(user, user, true, clock.instant(), List.of(tenant).stream().findFirst()));
    }
    return issuer.issue(user, "", Set.of(), Optional.empty());
  }

  private static Requests request(IssuedKey key, String target) {
    return Requests.get(target).with("X-API-Key", key.secret());
  }

  /** Which rule refused each of some requests, or why when no rule did; an empty text for those that passed. */
  private static List<String> rules(KeyedGateway gateway, IssuedKey key, int requests) {
    return rules(gateway, key, "/", requests);
  }

  private static List<String> rules(KeyedGateway gateway, IssuedKey key, String target, int requests) {
    List<String> rules = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      rules.add(refusalOf(gateway, request(key, target)).map(LevelsTest::cause).orElse(""));
    }
    return rules;
  }

  private static String cause(Refusal refusal) {
    return refusal.rule().isEmpty() ? refusal.reason().name() : refusal.rule();
  }

  private static Optional<Refusal> refusalOf(KeyedGateway gateway, Inbound request) {
    return gateway.admit(request) instanceof Admission.Refused refused
        ? Optional.of(refused.refusal())
        : Optional.empty();
  }

  private static List<String> standings(KeyedGateway gateway, Inbound request) {
    Preview preview = gateway.preview(request);
    Finding limits = preview.steps().stream()
        .filter(step -> step.gate().equals("limits")).findFirst().orElseThrow().finding();
    return limits.standings().stream().map(LevelsTest::text).toList();
  }

  private static String text(Standing standing) {
    return standing.policy() + " " + standing.remaining() + " of " + standing.most();
  }
}

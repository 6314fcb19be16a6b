package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What holds for whom: one's own before the plan's, the plan's before the configuration's. */
class PlansTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final SettableClock clock = new SettableClock();
  private final Pepper pepper = new Pepper(1, new byte[32]);
  private final List<KeyedGateway> opened = new ArrayList<>();
  private final List<Entitlement> seen = new ArrayList<>();
  private final MemoryDirectory directory =
      new MemoryDirectory(
          change -> opened.forEach(gateway -> gateway.changed(change)), clock.nanoTime(), clock);
  private final KeyIssuer issuer = new KeyIssuer(directory, new KeyFormat("gk", "live"), pepper, clock);

  @AfterEach
  void close() {
    opened.forEach(KeyedGateway::close);
  }

  @Test
  void each_level_is_ones_own_or_else_the_plans_or_else_the_configurations() {
    KeyedGateway gateway = open(builder().userLimits(perHour(10)).keyLimits(perHour(20)));
    IssuedKey key = key("alice");
    assertThat(standings(gateway, key)).containsExactly("key-hour of 20", "user-hour of 10");

    directory.putPlan(limited("pro", Map.of(Level.USER, perHour(100))));
    directory.assign("alice", Optional.of("pro"));
    assertThat(standings(gateway, key)).containsExactly("key-hour of 20", "user-hour of 100");

    directory.putPlan(limited("pro", Map.of(Level.USER, perHour(100), Level.KEY, perHour(200))));
    assertThat(standings(gateway, key)).containsExactly("key-hour of 200", "user-hour of 100");

    directory.replaceLimits(Level.USER, "alice", Optional.of(perHour(1000)));
    assertThat(standings(gateway, key)).containsExactly("key-hour of 200", "user-hour of 1000");

    directory.replaceLimits(Level.KEY, key.key().lineage(), Optional.of(perHour(2000)));
    assertThat(standings(gateway, key)).containsExactly("key-hour of 2000", "user-hour of 1000");

    directory.assign("alice", Optional.empty());
    directory.replaceLimits(Level.USER, "alice", Optional.empty());
    assertThat(standings(gateway, key)).containsExactly("key-hour of 2000", "user-hour of 10");
  }

  @Test
  void a_plan_lifts_limits_and_ones_own_put_them_back() {
    KeyedGateway gateway = open(builder().userLimits(perHour(1)));
    IssuedKey key = key("alice");
    directory.putPlan(limited("free-for-all", Map.of(Level.USER, List.of())));
    directory.assign("alice", Optional.of("free-for-all"));

    assertThat(refusals(gateway, key, 9)).containsOnly("");

    directory.replaceLimits(Level.USER, "alice", Optional.of(perHour(2)));
    assertThat(refusals(gateway, key, 3)).containsExactly("", "", "user-hour");
  }

  @Test
  void users_on_one_plan_share_what_it_says_and_no_permits() {
    KeyedGateway gateway = open(builder());
    directory.putPlan(limited("basic", Map.of(Level.USER, perHour(2), Level.KEY, perHour(1))));
    IssuedKey alice = key("alice");
    IssuedKey second = key("alice");
    IssuedKey bob = key("bob");
    directory.assign("alice", Optional.of("basic"));
    directory.assign("bob", Optional.of("basic"));

    assertThat(refusals(gateway, alice, 2)).containsExactly("", "key-hour");
    assertThat(refusals(gateway, second, 1)).containsExactly("");
    assertThat(refusals(gateway, key("alice"), 1)).containsExactly("user-hour");
    assertThat(refusals(gateway, bob, 2)).containsExactly("", "key-hour");
  }

  @Test
  void quotas_are_ones_own_or_else_the_plans_or_else_the_configurations_as_a_whole() {
    Quota day = new Quota(Meter.REQUESTS, Window.DAY, 10);
    Quota month = new Quota(Meter.REQUESTS, Window.MONTH, 100);
    Quota bytes = new Quota(Meter.BYTES, Window.MONTH, 1000);
    KeyedGateway gateway = open(builder().quotas(directory).userQuotas(List.of(day)));
    IssuedKey key = key("alice");
    assertThat(entitlement(gateway, key).quotas()).containsExactly(day);

    directory.putPlan(new Plan("pro", "", Map.of(), Optional.of(List.of(month)), Set.of(), Map.of()));
    directory.assign("alice", Optional.of("pro"));
    assertThat(entitlement(gateway, key).quotas()).containsExactly(month);
    assertThat(gateway.quotaPlan().quotasOf("alice")).containsExactly(month);

    directory.replaceQuotas("alice", Optional.of(List.of(bytes)));
    assertThat(entitlement(gateway, key).quotas()).containsExactly(bytes);
    assertThat(gateway.quotaPlan().quotasOf("alice")).containsExactly(bytes);

    directory.replaceQuotas("alice", Optional.of(List.of()));
    assertThat(entitlement(gateway, key).quotas()).isEmpty();

    directory.replaceQuotas("alice", Optional.empty());
    directory.putPlan(new Plan("pro"));
    assertThat(entitlement(gateway, key).quotas()).containsExactly(day);
    assertThat(gateway.quotaPlan().quotasOf("alice")).containsExactly(day);
  }

  @Test
  void a_key_may_do_what_both_its_scopes_and_the_plan_allow() {
    KeyedGateway gateway = open(builder());
    IssuedKey any = key("alice");
    IssuedKey reading = key("alice", "GET");
    directory.putPlan(scoped("images", "GET /img/", "POST /upload"));
    assertThat(allowed(gateway, any)).containsExactly("GET /img/a", "POST /upload", "DELETE /img/a");

    directory.assign("alice", Optional.of("images"));

    assertThat(allowed(gateway, any)).containsExactly("GET /img/a", "POST /upload");
    assertThat(allowed(gateway, reading)).containsExactly("GET /img/a");
  }

  @Test
  void a_key_whose_scopes_have_nothing_in_common_with_the_plan_may_do_nothing() {
    KeyedGateway gateway = open(builder());
    IssuedKey deleting = key("alice", "DELETE");
    directory.putPlan(scoped("reading", "GET"));
    directory.assign("alice", Optional.of("reading"));

    assertThat(allowed(gateway, deleting)).isEmpty();
    assertThat(gateway.admit(request(deleting, "GET", "/"))).isInstanceOfSatisfying(
        Admission.Refused.class,
        refused -> {
          assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.SCOPE_MISSING);
          assertThat(refused.refusal().detail()).contains("of the plan of its user");
        });

    directory.putPlan(scoped("reading"));
    assertThat(allowed(gateway, deleting)).containsExactly("DELETE /img/a");
  }

  @Test
  void gates_read_the_name_and_the_options_of_the_plan() {
    KeyedGateway gateway = open(builder());
    IssuedKey key = key("alice");
    assertThat(entitlement(gateway, key).plan()).isEmpty();
    assertThat(entitlement(gateway, key).options()).isEmpty();

    directory.putPlan(new Plan("pro", "", Map.of(), Optional.empty(), Set.of(), Map.of("max_pixels", "1000")));
    directory.assign("alice", Optional.of("pro"));

    assertThat(entitlement(gateway, key).plan()).contains("pro");
    assertThat(entitlement(gateway, key).options()).isEqualTo(Map.of("max_pixels", "1000"));
  }

  @Test
  void a_changed_plan_reaches_those_who_are_on_it_and_leaves_the_others_in_the_cache() {
    KeyedGateway gateway = open(builder().userLimits(perHour(5)));
    directory.putPlan(limited("pro", Map.of(Level.USER, perHour(7))));
    IssuedKey on = key("alice");
    IssuedKey off = key("bob");
    directory.assign("alice", Optional.of("pro"));
    standings(gateway, on);
    standings(gateway, off);
    long misses = gateway.memory().cache().misses();

    directory.putPlan(limited("pro", Map.of(Level.USER, perHour(9))));

    assertThat(standings(gateway, on)).containsExactly("user-hour of 9");
    assertThat(standings(gateway, off)).containsExactly("user-hour of 5");
    assertThat(gateway.memory().cache().misses() - misses).isEqualTo(1);
  }

  @Test
  void a_scheduled_change_holds_from_when_it_is_carried_out_and_not_before_its_moment() {
    KeyedGateway gateway = open(builder());
    directory.putPlan(limited("free", Map.of(Level.USER, perHour(1))));
    directory.putPlan(limited("pro", Map.of(Level.USER, perHour(9))));
    IssuedKey key = key("alice");
    directory.assign("alice", Optional.of("free"));
    directory.schedule("alice", new PlanChange(Optional.of("pro"), clock.instant().plus(HOUR)));

    clock.advance(HOUR.minusMillis(1));
    directory.carryOut();
    assertThat(standings(gateway, key)).containsExactly("user-hour of 1");

    clock.advance(Duration.ofMillis(1));
    directory.carryOut();
    assertThat(standings(gateway, key)).containsExactly("user-hour of 9");
  }

  private KeyedGateway.Builder builder() {
    return KeyedGateway.builder(directory, pepper)
        .limits(directory)
        .plans(directory)
        .clock(clock)
        .gate(passage -> {
          seen.add(passage.entitlement().orElseThrow());
          return Optional.empty();
        })
        .limiter(new MemoryRateLimiter(1 << 10, () -> 0));
  }

  private KeyedGateway open(KeyedGateway.Builder builder) {
    KeyedGateway gateway = builder.build();
    opened.add(gateway);
    return gateway;
  }

  private IssuedKey key(String user, String... scopes) {
    if (directory.user(user).isEmpty()) {
      directory.addUser(new User(user, user, true, clock.instant()));
    }
    return issuer.issue(user, "", Set.of(scopes), Optional.empty());
  }

  private Entitlement entitlement(KeyedGateway gateway, IssuedKey key) {
    assertThat(gateway.admit(request(key, "GET", "/"))).isInstanceOf(Admission.Admitted.class);
    return seen.get(seen.size() - 1);
  }

  private static List<String> allowed(KeyedGateway gateway, IssuedKey key) {
    List<String> allowed = new ArrayList<>();
    for (String call : List.of("GET /img/a", "POST /upload", "DELETE /img/a")) {
      String[] words = call.split(" ");
      if (gateway.admit(request(key, words[0], words[1])) instanceof Admission.Admitted) {
        allowed.add(call);
      }
    }
    return allowed;
  }

  private static List<String> refusals(KeyedGateway gateway, IssuedKey key, int requests) {
    List<String> rules = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      rules.add(gateway.admit(request(key, "GET", "/")) instanceof Admission.Refused refused
          ? refused.refusal().rule()
          : "");
    }
    return rules;
  }

  private static List<String> standings(KeyedGateway gateway, IssuedKey key) {
    Preview preview = gateway.preview(request(key, "GET", "/"));
    Finding limits = preview.steps().stream()
        .filter(step -> step.gate().equals("limits")).findFirst().orElseThrow().finding();
    return limits.standings().stream().map(PlansTest::text).toList();
  }

  private static String text(Standing standing) {
    return standing.policy() + " of " + standing.most();
  }

  private static Requests request(IssuedKey key, String method, String target) {
    return Requests.get(target).method(method).with("X-API-Key", key.secret());
  }

  private static List<Limit> perHour(long permits) {
    return List.of(Limit.of(permits, HOUR));
  }

  private static Plan limited(String name, Map<Level, List<Limit>> limits) {
    return new Plan(name, "", limits, Optional.empty(), Set.of(), Map.of());
  }

  private static Plan scoped(String name, String... scopes) {
    return new Plan(name, "", Map.of(), Optional.empty(), Set.of(scopes), Map.of());
  }
}

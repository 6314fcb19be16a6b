package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.fixture.GatewayNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every command does the same over HTTP and straight on the database; here both are those of one running gateway. */
class BothWaysTest {

  @TempDir static Path directory;
  private static GatewayNode node;

  /** How the commands of a test reach administration. */
  enum Over {
    STORE,
    SERVER;

    String name(String of) {
      return of + "-" + name().toLowerCase(Locale.ROOT);
    }

    Shell shell() {
      Shell shell = new Shell(directory).now();
      if (this == SERVER) {
        return shell
            .with("GATEHOUSE_CLI_SERVER", "http://127.0.0.1:" + node.port())
            .with("GATEHOUSE_CLI_TOKEN", GatewayNode.ADMIN_TOKEN);
      }
      for (Map.Entry<String, String> variable : GatewayNode.environment(directory).entrySet()) {
        shell.with(variable.getKey(), variable.getValue());
      }
      return shell;
    }

    /** Who is in the audit log. */
    String administrator() {
      return this == STORE ? "command-line" : "configuration";
    }
  }

  @BeforeAll
  static void start() throws Exception {
    node = GatewayNode.start(directory, "backends: [{url: 'http://127.0.0.1:9'}]\nrate_limits: {ip_level: none}\n");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void users_are_made_found_changed_and_deleted(Over over) {
    Shell shell = over.shell();
    String name = over.name("acme");
    String id = shell.run("users", "create", name, "--tenant", over.name("t")).out().strip();

    assertThat(shell.json("users", "show", name)).isEqualTo(shell.json("users", "show", id));
    assertThat(shell.run("users", "show", id).out()).contains("name        " + name, "tenant      " + over.name("t"));
    assertThat(shell.json("users", "list", "--tenant", over.name("t")).path("users")).hasSize(1);
    assertThat(shell.json("users", "list", "--name-prefix", name, "--state", "disabled").path("users")).isEmpty();
    assertThat(shell.run("users", "create", name)).satisfies(taken -> {
      assertThat(taken.exit()).isEqualTo(73);
      assertThat(taken.err()).isEqualTo(CliTest.lines("error: there is a user named \"" + name + "\" already"));
    });
    assertThat(shell.run("users", "change", id, "--name", name + "-2", "--no-tenant").err())
        .isEqualTo(CliTest.lines("User " + name + "-2 is changed."));
    assertThat(shell.json("users", "show", id).path("tenant").isNull()).isTrue();
    assertThat(shell.run("users", "change", id).exit()).isEqualTo(2);
    assertThat(shell.json("users", "disable", id).path("enabled").asBoolean()).isFalse();
    assertThat(shell.json("users", "delete", id).path("deleted").asBoolean()).isTrue();
    assertThat(shell.run("users", "show", id).exit()).isEqualTo(66);
  }

  @ParameterizedTest
  @EnumSource
  void a_key_lives_its_life_and_the_gateway_hears_of_it(Over over) throws Exception {
    Shell shell = over.shell();
    String user = over.name("keys");
    shell.json("users", "create", user);

    JsonNode made = shell.json("keys", "create", "-u", user, "--name", "build", "--scope", "GET", "--expires-in", "90d");
    String id = made.path("id").asText();
    assertThat(made.path("key").asText()).startsWith("gk_live_");
    assertThat(status(made)).isNotEqualTo(401);
    JsonNode changed = shell.json("keys", "change", id, "--no-scopes", "--network", "127.0.0.1", "--no-expiry");
    assertThat(changed.path("scopes")).isEmpty();
    assertThat(changed.path("networks").get(0).asText()).isEqualTo("127.0.0.1/32");
    assertThat(changed.path("expires_at").isNull()).isTrue();
    assertThat(changed.path("name").asText()).isEqualTo("build");
    assertThat(shell.run("keys", "list", "-u", user).out()).contains(id, "  build  enabled  all  ");

    JsonNode next = shell.json("keys", "rotate", id, "--grace", "1h");
    assertThat(next.path("replaces").asText()).isEqualTo(id);
    assertThat(shell.json("keys", "show", id).path("replaced_by").asText()).isEqualTo(next.path("id").asText());

    shell.file("leaked", next.path("key").asText() + "\n");
    assertThat(shell.json("keys", "report", "--key-file", "leaked").path("reported").asBoolean()).isTrue();
    assertThat(shell.json("keys", "show", next.path("id").asText()).path("suspension").isTextual()).isTrue();
    await().untilAsserted(() -> assertThat(status(next)).isEqualTo(401));
    assertThat(shell.run("keys", "revoke", id).err()).isEqualTo(CliTest.lines("Key " + id + " is revoked."));
    assertThat(shell.run("keys", "revoke", id).exit()).isEqualTo(66);
    await().untilAsserted(() -> assertThat(status(made)).isEqualTo(401));
  }

  private static int status(JsonNode key) throws Exception {
    return node.get("/a", "X-API-Key", key.path("key").asText()).statusCode();
  }

  @ParameterizedTest
  @EnumSource
  void limits_are_set_for_users_keys_and_tenants_and_go_back(Over over) {
    Shell shell = over.shell();
    String user = over.name("limits");
    shell.json("users", "create", user);
    String key = shell.json("keys", "create", "-u", user).path("id").asText();

    Shell.Result set = shell.run("limits", "set", "--user", user, "600/1m", "10/1s,burst=20,shadow", "8,algorithm=concurrency");
    assertThat(set.err()).isEqualTo(CliTest.lines("The user " + user + " has limits, of its own."));
    assertThat(set.out().replaceAll(" +", " ")).isEqualTo(CliTest.lines(
        "PERMITS PERIOD BURST ALGORITHM SHADOW",
        "10 1s 20 token-bucket yes",
        "600 1m 600 token-bucket -",
        "8 1m - concurrency -"));
    assertThat(shell.json("limits", "show", "-u", user).path("limits")).hasSize(3);
    assertThat(shell.json("limits", "set", "--key", key, "5/1s").path("origin").asText()).isEqualTo("own");
    assertThat(shell.run("limits", "set", "--tenant", over.name("t"), "--none").err()).contains("has no limits, of its own");
    assertThat(shell.run("limits", "reset", "--user", user).err()).contains("of the configuration");
    assertThat(shell.json("limits", "reset", "--key", key).path("own").asBoolean()).isFalse();

    Shell.Result wrong = shell.run("limits", "set", "-u", user, "0/1m", "5/1y", "-o", "json");
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(Shell.parse(wrong.err()).path("errors").findValuesAsText("field"))
        .containsExactly("limits[0].permits", "limits[1].period");
    assertThat(shell.run("limits", "set", "-u", user, "0/1m", "5/1y").err()).isEqualTo(CliTest.lines(
        "error: 2 things are wrong",
        "  limits[0].permits: 0 (expected: 1 to 2^53)",
        "  limits[1].period: \"1y\" (expected: a duration from 1ms to 366d, such as 500ms, 30s or 24h)"));
    assertThat(shell.run("limits", "set", "-u", user, "fast").err()).contains("\"fast\" is no limit (expected: such as 600/1m");
    assertThat(shell.run("limits", "set", "-u", user).exit()).isEqualTo(2);
    assertThat(shell.run("limits", "show").exit()).isEqualTo(2);
    assertThat(shell.run("limits", "show", "--key", "nothing").exit()).isEqualTo(66);
    assertThat(shell.run("limits", "show", "--tenant", "a/b").exit()).isEqualTo(66);
  }

  @ParameterizedTest
  @EnumSource
  void quotas_and_calendars_are_set_and_counts_begin_anew(Over over) {
    Shell shell = over.shell();
    String user = over.name("quotas");
    shell.json("users", "create", user);

    JsonNode quotas =
        shell.json("quotas", "set", "-u", user, "requests/day=100000", "bytes/month=1TiB,beyond=overage,cap=2TB");
    assertThat(quotas.path("quotas").findValuesAsText("most")).containsExactlyInAnyOrder("100000", "1099511627776");
    assertThat(quotas.path("quotas").findValuesAsText("cap")).containsExactly("2000000000000");
    assertThat(shell.run("usage", "show", "-u", user).out().replaceAll(" +", " "))
        .contains("METER WINDOW USED MOST REMAINING OVER RESETS", "requests day 0 100000 100000 - ");
    assertThat(shell.run("quotas", "restart", "-u", user, "--window", "day").err())
        .isEqualTo(CliTest.lines("The counts of the user " + user + " begin anew."));
    assertThat(shell.run("quotas", "restart", "-u", user).exit()).isEqualTo(2);
    assertThat(shell.run("quotas", "reset", "-u", user).err()).contains("of the configuration");
    String key = shell.json("keys", "create", "-u", user).path("id").asText();
    assertThat(shell.json("quotas", "set", "--key", key, "requests/day=7").path("quotas").findValuesAsText("most"))
        .containsExactly("7");
    assertThat(shell.run("usage", "show", "--key", key).out().replaceAll(" +", " ")).contains("requests day 0 7 7 - ");
    assertThat(shell.run("quotas", "restart", "--key", key, "--all").exit()).isZero();
    assertThat(shell.json("quotas", "reset", "--key", key).path("quotas")).isEmpty();
    assertThat(shell.run("quotas", "show", "--key", "nothing").exit()).isEqualTo(66);
    assertThat(shell.run("quotas", "set", "-u", user, "requests/week=5").err())
        .isEqualTo(CliTest.lines("error: quotas[0].window: \"week\" (expected: one of day, month, lifetime)"));
    assertThat(shell.run("quotas", "set", "-u", user, "requests=5").exit()).isEqualTo(2);

    assertThat(shell.json("calendar", "set", "-u", user, "--time-zone", "Europe/Berlin", "--billing-day", "15")
        .path("billing_day").asInt()).isEqualTo(15);
    assertThat(shell.run("calendar", "show", "-u", user).out()).contains("time_zone    Europe/Berlin");
    assertThat(shell.json("calendar", "reset", "-u", user).path("own").asBoolean()).isFalse();
    assertThat(shell.run("calendar", "set", "-u", user, "--time-zone", "Mars").err()).contains("time_zone: \"Mars\" (expected: ");
  }

  @ParameterizedTest
  @EnumSource
  void networks_are_added_removed_replaced_and_cleared(Over over) {
    Shell shell = over.shell();
    String user = over.name("networks");
    shell.json("users", "create", user);

    for (String list : new String[] {"allow", "deny"}) {
      assertThat(shell.run(list, "list", "-u", user).out()).isEmpty();
      assertThat(shell.run(list, "add", "-u", user, "10.1.2.3/8", "192.0.2.1").out())
          .isEqualTo(CliTest.lines("NETWORK", "10.0.0.0/8", "192.0.2.1/32"));
      assertThat(shell.json(list, "add", "-u", user, "172.16.0.0/12").path("networks")).hasSize(3);
      assertThat(shell.json(list, "remove", "-u", user, "10.0.0.0/8").path("networks")).hasSize(2);
      assertThat(shell.run(list, "remove", "-u", user, "10.0.0.0/8").exit()).isEqualTo(66);
      assertThat(shell.run(list, "set", "-u", user, "203.0.113.0/24").out()).endsWith(CliTest.lines("203.0.113.0/24"));
      assertThat(shell.run(list, "add", "-u", user, "nowhere").exit()).isEqualTo(2);
      assertThat(shell.json(list, "clear", "-u", user).path("networks")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void somebody_is_kept_out_for_a_while_and_let_in_again(Over over) {
    Shell shell = over.shell();
    String network = over == Over.STORE ? "203.0.113.0/25" : "203.0.113.128/25";
    String user = over.name("blocked");
    String userId = shell.json("users", "create", user).path("id").asText();

    Shell.Result made = shell.run("blocks", "add", network, "--reason", "scans", "--for", "1h");
    String id = made.out().strip();
    assertThat(made.err()).startsWith("The network " + network + " is kept out until ");
    assertThat(shell.run("blocks", "list").out()).contains(id, network, "enforced", "administrator", "scans");
    assertThat(shell.json("explain", "--address", network.replaceAll("/.*", "")).path("code").asText()).isEqualTo("blocked");
    assertThat(shell.run("blocks", "add", network).exit()).isEqualTo(73);
    assertThat(shell.json("blocks", "change", id, "--enforcement", "shadow", "--for-good").path("expires_at").isNull()).isTrue();
    assertThat(shell.json("blocks", "show", id).path("enforcement").asText()).isEqualTo("shadow");
    assertThat(shell.json("blocks", "add", "--user", user, "--shadow").path("value").asText()).isEqualTo(userId);
    assertThat(shell.json("blocks", "list", "--kind", "user").path("blocks").findValuesAsText("value")).contains(userId);
    assertThat(shell.run("blocks", "add", "127.0.0.0/8", "--dry-run").exit())
        .as("who sits at the machine cannot be kept out")
        .isEqualTo(over == Over.STORE ? 0 : 1);
    assertThat(shell.run("blocks", "add", "--country", "de").err()).contains("abuse.countries_file");
    assertThat(shell.run("blocks", "add", network, "--user", user).exit()).isEqualTo(2);
    assertThat(shell.run("blocks", "change", id).exit()).isEqualTo(2);
    assertThat(shell.run("blocks", "remove", id).err()).isEqualTo(CliTest.lines("Block " + id + " is removed."));
    assertThat(shell.run("blocks", "remove", id).exit()).isEqualTo(66);
  }

  @ParameterizedTest
  @EnumSource
  void plans_are_put_and_users_are_put_on_them(Over over) {
    Shell shell = over.shell();
    String plan = over.name("pro");
    String user = over.name("planned");
    shell.json("users", "create", user);
    shell.in("{\"name\":\"" + plan + "\",\"limits\":{\"user\":[{\"permits\":100,\"period\":\"1s\"}]}}");

    assertThat(shell.run("plans", "put", "-f", "-", "--dry-run").out()).startsWith("plans/" + plan + " (would be made)");
    assertThat(shell.run("plans", "put", "-f", "-").err()).isEqualTo(CliTest.lines("Plan " + plan + " is made."));
    assertThat(shell.run("plans", "list").out()).contains(plan);
    assertThat(shell.run("users", "plan", user, plan, "--at", "2999-01-01").err())
        .isEqualTo(CliTest.lines("User " + user + " is on no plan, and on the plan " + plan + " from 2999-01-01T00:00:00Z."));
    assertThat(shell.run("users", "plan", user, plan).err())
        .startsWith("User " + user + " is on the plan " + plan);
    assertThat(shell.run("limits", "show", "-u", user).err()).contains("of the plan");
    assertThat(shell.run("plans", "delete", plan).exit()).isEqualTo(73);
    assertThat(shell.run("users", "plan", user, "--none").exit()).isZero();
    assertThat(shell.run("users", "plan", user, "--cancel").err()).endsWith(CliTest.lines("is on no plan."));
    assertThat(shell.json("plans", "delete", plan).path("deleted").asBoolean()).isTrue();
    assertThat(shell.run("plans", "show", plan).exit()).isEqualTo(66);
    assertThat(shell.run("plans", "show", "../users").exit()).isEqualTo(66);
  }

  @ParameterizedTest
  @EnumSource
  void backends_are_added_drained_and_removed(Over over) {
    Shell shell = over.shell();
    String url = "http://127.0.0.1:" + (over == Over.STORE ? 17 : 19);

    assertThat(shell.json("backends", "add", url, "--weight", "5").path("weight").asInt()).isEqualTo(5);
    assertThat(shell.run("backends", "add", url).exit()).isEqualTo(73);
    assertThat(shell.json("backends", "set", url, "--check-every", "1m").path("weight").asInt()).isEqualTo(5);
    assertThat(shell.run("backends", "drain", url).err()).isEqualTo(CliTest.lines("Backend " + url + " is draining."));
    assertThat(shell.run("backends", "list").out()).containsPattern(url + " +default +5 +draining +store ");
    assertThat(shell.json("backends", "enable", url).path("state").asText()).isEqualTo("enabled");
    assertThat(shell.run("backends", "remove", url).exit()).isZero();
    assertThat(shell.run("backends", "remove", url).exit()).isEqualTo(66);
    assertThat(shell.run("backends", "drain", url).exit()).isEqualTo(66);
    assertThat(shell.run("backends", "remove", "http://127.0.0.1:9").exit()).isEqualTo(73);
    assertThat(shell.run("backends", "add", "ftp://x").err()).contains("url: \"ftp://x\" (expected: ");
    assertThat(shell.run("routes", "list").out()).contains("POOL", "default");
  }

  @ParameterizedTest
  @EnumSource
  void decisions_are_explained_and_keys_validated(Over over) {
    Shell shell = over.shell();
    String user = over.name("asked");
    shell.json("users", "create", user);
    JsonNode key = shell.json("keys", "create", "-u", user, "--scope", "GET");
    shell.file(over.name("key"), key.path("key").asText());

    Shell.Result passes = shell.run("explain", "--key-id", key.path("id").asText(), "--target", "/a");
    assertThat(passes.out()).containsPattern("identity +pass");
    assertThat(passes.err()).startsWith("It would pass");
    assertThat(shell.json("explain", "--key-file", over.name("key"), "--method", "POST").path("code").asText())
        .isEqualTo("scope-missing");
    assertThat(shell.run("explain", "--key-id", "nothing").exit()).isEqualTo(66);
    assertThat(shell.json("explain").path("verdict").asText()).isEqualTo("refuse");

    assertThat(shell.json("validate", "--key-file", over.name("key")).path("valid").asBoolean()).isTrue();
    assertThat(shell.run("validate", "--key-file", over.name("key"), "--method", "POST").err())
        .startsWith("It may not: scope-missing");
    assertThat(shell.run("validate", "--key-file", over.name("key"), "--spend").exit())
        .isEqualTo(over == Over.SERVER ? 0 : 1);
    assertThat(shell.run("usage", "limits", key.path("id").asText()).out()).contains("POLICY", "user-minute");
  }

  @ParameterizedTest
  @EnumSource
  void a_dry_run_tells_every_change_and_makes_none(Over over) {
    Shell shell = over.shell();
    String user = over.name("dry");
    String id = shell.json("users", "create", user).path("id").asText();
    String key = shell.json("keys", "create", "-u", user).path("id").asText();
    JsonNode before = shell.json("users", "show", id);
    List<String> changes = List.of(
        "users create other", "users disable " + id, "users change " + id + " --name x", "users delete " + id,
        "keys create -u " + id, "keys disable " + key, "keys change " + key + " --name x", "keys rotate " + key,
        "keys revoke " + key, "limits set -u " + id + " 1/1s", "limits reset --key " + key,
        "quotas set -u " + id + " requests/day=1", "quotas reset -u " + id, "quotas restart --all -u " + id,
        "calendar set --time-zone UTC -u " + id, "calendar reset -u " + id, "allow add -u " + id + " 10.0.0.0/8",
        "deny set -u " + id + " 10.0.0.0/8", "users plan " + id + " --none", "backends add http://127.0.0.1:21",
        "administrators create x --role viewer");

    int entries = shell.json("audit", "list", "--limit", "1000").path("changes").size();
    for (String change : changes) {
      Shell.Result told = shell.run((change + " --dry-run").split(" "));
      assertThat(told.err()).as(change).isEqualTo(CliTest.lines("Nothing was changed."));
      assertThat(told.exit()).as(change).isZero();
    }

    assertThat(shell.json("users", "show", id)).isEqualTo(before);
    assertThat(shell.json("audit", "list", "--limit", "1000").path("changes")).hasSize(entries);
    assertThat(shell.run("users", "disable", id, "--dry-run").out())
        .isEqualTo(CliTest.lines("users/" + id, "  enabled: true -> false"));
    assertThat(shell.json("users", "disable", id, "--dry-run").path("changes")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void every_change_is_in_the_audit_log_and_says_who_made_it(Over over) {
    Shell shell = over.shell();
    String user = over.name("watched");
    String id = shell.json("users", "create", user).path("id").asText();
    shell.run("limits", "set", "-u", user, "1/1s");
    shell.run("users", "delete", user);

    JsonNode changes = shell.json("audit", "list", "--object", "users/" + id).path("changes");

    assertThat(changes.findValuesAsText("operation")).containsExactly("deleteUser", "replaceUserLimits", "addUser");
    assertThat(changes.findValuesAsText("administrator")).containsOnly(over.administrator());
    if (over == Over.STORE) {
      assertThat(changes.get(0).path("name").asText()).isEqualTo(System.getProperty("user.name"));
      assertThat(changes.get(0).path("address").isNull()).isTrue();
    }
    assertThat(shell.run("audit", "list", "--operation", "deleteUser").out()).contains("users/" + id);
    assertThat(shell.json("whoami").path("id").asText()).isEqualTo(over.administrator());
  }

  @ParameterizedTest
  @EnumSource
  void administrators_are_made_and_their_roles_hold(Over over) {
    Shell shell = over.shell();
    JsonNode viewer = shell.json("administrators", "create", over.name("Vera"), "--role", "viewer");
    String id = viewer.path("id").asText();

    assertThat(shell.json("administrators", "show", id).has("token")).isFalse();
    assertThat(shell.run("administrators", "list").out()).contains(over.name("Vera"));
    String token = shell.run("administrators", "rotate", id).out().strip();
    Shell hers = Over.SERVER.shell().with("GATEHOUSE_CLI_TOKEN", token);
    assertThat(hers.run("whoami").out()).isEqualTo(CliTest.lines(over.name("Vera") + ", viewer"));
    Shell.Result refused = hers.run("users", "create", "x");
    assertThat(refused.exit()).isEqualTo(77);
    assertThat(refused.err()).contains("this takes another role (expected: ", "knows this token, but its role may not do this");

    assertThat(shell.run("administrators", "revoke", id).exit()).isZero();
    Shell.Result unknown = hers.run("users", "list");
    assertThat(unknown.exit()).isEqualTo(77);
    assertThat(unknown.err()).contains("the token is unknown").doesNotContain(token);
    assertThat(shell.run("administrators", "show", id).exit()).isEqualTo(66);
  }

  @ParameterizedTest
  @EnumSource
  void what_only_reads_answers_and_lists_are_followed_page_by_page(Over over) {
    Shell shell = over.shell();
    String prefix = over.name("page");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 201; i++) {
      names.add(prefix + "-" + i);
      node.user(prefix + "-" + i);
    }

    assertThat(shell.json("users", "list", "--name-prefix", prefix + "-").path("users").findValuesAsText("name"))
        .containsExactlyInAnyOrderElementsOf(names);
    assertThat(shell.run("settings", "list").out()).contains("rate_limits.ip_level", "******");
    assertThat(shell.run("usage", "history", "-u", names.get(0)).err()).isEqualTo(CliTest.lines("Nothing was transferred."));
    assertThat(shell.run("violations", "list", "-u", names.get(0)).err()).isEqualTo(CliTest.lines("Nothing was refused."));
    assertThat(shell.run("requests", "list", "-u", names.get(0), "--status", "4xx").exit()).isZero();
    assertThat(shell.run("requests", "list", "--status", "x").err()).contains("status: \"x\" (expected: ");
    assertThat(shell.run("usage", "history", "-u", "nobody").exit()).isEqualTo(66);
  }
}

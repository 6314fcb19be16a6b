package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeysCommandTest {

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory);
    shell.json("users", "create", "acme");
  }

  @Test
  void a_new_key_is_all_that_stands_on_standard_output() {
    Shell.Result made = shell.run("keys", "create", "--user", "acme");

    assertThat(made.exit()).isZero();
    assertThat(made.out()).matches("gk_live_[0-9A-Za-z]{48}\\R");
    assertThat(made.err()).contains("of acme is made", "only this once").doesNotContain(made.out().strip());
  }

  @Test
  void scripts_find_a_new_key_in_the_field_key_and_never_again() {
    JsonNode made =
        shell.json("keys", "create", "--user", "acme", "--name", "build", "--scope", "GET", "--scope", "* /img/");
    JsonNode listed = shell.json("keys", "list", "--user", "acme").get("keys").get(0);

    assertThat(made.get("key").textValue()).startsWith(made.get("start").textValue());
    assertThat(made.get("name").textValue()).isEqualTo("build");
    assertThat(made.get("scopes")).extracting(JsonNode::textValue).containsExactly("* /img/", "GET");
    assertThat(made.get("expires_at").isNull()).isTrue();
    assertThat(listed.has("key")).isFalse();
    assertThat(made.get("id")).isEqualTo(listed.get("id"));
  }

  @ParameterizedTest
  @CsvSource({
    "--expires-in, 90d, 2027-02-22T12:00:00Z",
    "--expires-in, 36h, 2026-11-26T00:00:00Z",
    "--expires-in, 5m, 2026-11-24T12:05:00Z",
    "--expires-at, 2027-01-31, 2027-01-31T00:00:00Z",
    "--expires-at, 2027-01-31T12:00:00+02:00, 2027-01-31T10:00:00Z",
    "--expires-at, 2027-01-31T12:00:00.1234Z, 2027-01-31T12:00:00.123Z"
  })
  void a_key_ends_when_it_is_told_to(String option, String value, String end) {
    assertThat(shell.json("keys", "create", "-u", "acme", option, value).get("expires_at").textValue()).isEqualTo(end);
  }

  @ParameterizedTest
  @CsvSource({
    "--expires-in, 90, 2",
    "--expires-in, 1000000d, 2",
    "--expires-at, tomorrow, 2",
    "--expires-at, 2027-02-30, 2",
    "--expires-at, 2020-01-01, 1",
    "--expires-in, 0s, 1",
    "--scope, get, 1"
  })
  void what_makes_no_sense_makes_no_key(String option, String value, int exit) {
    Shell.Result result = shell.run("keys", "create", "-u", "acme", option, value);

    assertThat(result.exit()).isEqualTo(exit);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("error: ").contains("expected: ");
    assertThat(shell.json("keys", "list", "-u", "acme").get("keys")).isEmpty();
  }

  @Test
  void an_end_can_be_said_in_one_way_only() {
    Shell.Result both =
        shell.run("keys", "create", "-u", "acme", "--expires-in", "1d", "--expires-at", "2027-01-01");

    assertThat(both.exit()).isEqualTo(2);
    assertThat(both.err()).contains("mutually exclusive");
  }

  @Test
  void keys_are_listed_in_a_table() {
    JsonNode first = shell.json("keys", "create", "-u", "acme", "--name", "build", "--scope", "GET");
    JsonNode second = shell.json("keys", "create", "-u", "acme", "--expires-in", "1d");

    String[] lines = shell.run("keys", "list", "-u", "acme").out().split("\\R");

    assertThat(lines[0].split(" +"))
        .containsExactly("ID", "KEY", "NAME", "STATE", "SCOPES", "CREATED", "LAST", "USED", "EXPIRES", "REPLACES");
    assertThat(List.of(lines).subList(1, 3))
        .extracting(line -> line.replaceAll(" +", " "))
        .containsExactlyInAnyOrder(
            row(first) + " build enabled GET 2026-11-24T12:00:00Z never never -",
            row(second) + " - enabled all 2026-11-24T12:00:00Z never 2026-11-25T12:00:00Z -");
  }

  @Test
  void a_user_without_keys_has_an_empty_list() {
    assertThat(shell.run("keys", "list", "-u", "acme"))
        .isEqualTo(new Shell.Result(0, "", CliTest.lines("acme has no keys.")));
  }

  @Test
  void a_rotated_key_has_a_successor_and_a_time_of_grace() {
    String old = shell.json("keys", "create", "-u", "acme", "--name", "build").get("id").textValue();

    JsonNode fresh = shell.json("keys", "rotate", old);
    JsonNode keys = shell.json("keys", "list", "-u", "acme").get("keys");

    assertThat(fresh.get("replaces").textValue()).isEqualTo(old);
    assertThat(fresh.get("name").textValue()).isEqualTo("build");
    assertThat(fresh.get("key").textValue()).startsWith("gk_live_");
    assertThat(keys).hasSize(2);
    assertThat(keys.findValuesAsText("expires_at")).contains("2026-11-25T12:00:00Z");
  }

  @Test
  void without_grace_the_old_key_ends_at_once() {
    String old = shell.json("keys", "create", "-u", "acme").get("id").textValue();

    Shell.Result rotated = shell.run("keys", "rotate", old, "--grace", "0s");

    assertThat(rotated.out()).matches("gk_live_[0-9A-Za-z]{48}\\R");
    assertThat(rotated.err()).contains("Key " + old + " works until 2026-11-24T12:00:00Z");
    assertThat(shell.run("keys", "list", "-u", "acme").out()).containsPattern(old + " .* expired ");
    assertThat(shell.run("keys", "rotate", old).err()).contains("disabled or expired");
  }

  @Test
  void keys_are_switched_off_and_on_and_revoked() {
    String id = shell.json("keys", "create", "-u", "acme").get("id").textValue();

    assertThat(shell.json("keys", "disable", id).get("enabled").booleanValue()).isFalse();
    assertThat(shell.run("keys", "list", "-u", "acme").out()).contains(" disabled ");
    assertThat(shell.run("keys", "enable", id).err()).isEqualTo(CliTest.lines("Key " + id + " is enabled."));
    assertThat(shell.run("keys", "revoke", id).err()).isEqualTo(CliTest.lines("Key " + id + " is revoked."));
    assertThat(shell.json("keys", "list", "-u", "acme").get("keys")).isEmpty();
  }

  @Test
  void keys_and_users_that_are_not_there_are_failures() {
    for (String deed : new String[] {"rotate", "revoke", "disable", "enable"}) {
      Shell.Result result = shell.run("keys", deed, "nothing");
      assertThat(result.exit()).isEqualTo(66);
      assertThat(result.err()).startsWith("error: there is no key with the id nothing");
    }
    assertThat(shell.run("keys", "create", "-u", "nobody").exit()).isEqualTo(66);
    assertThat(shell.run("keys", "list", "-u", "nobody").exit()).isEqualTo(66);
  }

  @Test
  void a_key_may_be_kept_to_networks_and_permissions() {
    JsonNode made = shell.json(
        "keys", "create", "-u", "acme", "--network", "192.0.2.7/24", "--network", "2001:db8::1", "--scope", "images:write");

    assertThat(made.get("networks")).extracting(JsonNode::textValue)
        .containsExactly("192.0.2.0/24", "2001:db8:0:0:0:0:0:1/128");
    assertThat(made.get("scopes")).extracting(JsonNode::textValue).containsExactly("images:write");
    Shell.Result wrong = shell.run("keys", "create", "-u", "acme", "--network", "example.org");
    assertThat(wrong.exit()).isEqualTo(2);
    assertThat(wrong.err()).contains("\"example.org\" is no network");
  }

  @Test
  void keys_of_others_are_imported_from_a_file() {
    shell.file("keys.csv", """
        user,name,start,hash,scopes,networks,expires_at
        acme,"web, ""main""\",oldkey1,SHA,GET /img/;images:write,192.0.2.0/24;10.0.0.0/8,2027-01-31T12:00:00+02:00

        ACME,,oldkey2,BCRYPT,,,
        """.replace("SHA", "ab".repeat(32)).replace("BCRYPT", "$2y$10$" + "a".repeat(53)));

    Shell.Result dry = shell.run("keys", "import", "keys.csv", "--dry-run");
    assertThat(dry).isEqualTo(new Shell.Result(0, "", CliTest.lines("2 keys could be imported.")));
    assertThat(shell.json("keys", "list", "-u", "acme").get("keys")).isEmpty();

    assertThat(shell.json("keys", "import", "keys.csv").get("keys").intValue()).isEqualTo(2);
    JsonNode keys = shell.json("keys", "list", "-u", "acme").get("keys");
    JsonNode web = keys.get(keys.get(0).get("start").textValue().equals("oldkey1") ? 0 : 1);
    assertThat(keys.findValuesAsText("start")).containsExactlyInAnyOrder("oldkey1", "oldkey2");
    assertThat(web.get("name").textValue()).isEqualTo("web, \"main\"");
    assertThat(web.get("scopes")).extracting(JsonNode::textValue).containsExactly("GET /img/", "images:write");
    assertThat(web.get("networks")).extracting(JsonNode::textValue).containsExactly("192.0.2.0/24", "10.0.0.0/8");
    assertThat(web.get("expires_at").textValue()).isEqualTo("2027-01-31T10:00:00Z");
    assertThat(keys.toString()).doesNotContain("abab", "$2y");
    assertThat(shell.run("keys", "peppers").out().replaceAll(" +", " "))
        .isEqualTo(CliTest.lines("PEPPER KEYS STATE", "- 2 imported", "1 0 in use"));
  }

  @Test
  void every_faulty_line_is_told_with_its_number_and_then_nothing_is_imported() {
    String hash = "ab".repeat(32);
    String bcrypt = "$2b$10$" + "a".repeat(53);
    shell.file("keys.csv", String.join("\n",
        "user,hash,start,scopes,networks,expires_at",
        "acme," + hash + ",,,,",
        "nobody," + "cd".repeat(32) + ",,,,",
        "acme," + hash.substring(1) + ",,,,",
        "acme," + hash + ",,,,",
        "acme," + bcrypt + ",short,,,",
        "acme," + bcrypt + ",longenough,,,",
        "acme," + bcrypt + ",longenough,,,",
        "acme," + "ef".repeat(32) + ",,get,,",
        "acme," + "ef".repeat(32) + ",,,example.org,",
        "acme," + "ef".repeat(32) + ",,,,tomorrow",
        "acme," + "ef".repeat(32) + ",,,,2020-01-01T00:00:00Z",
        "acme," + "ef".repeat(32),
        "acme,\"" + "ef".repeat(32) + ",,,,",
        "acme," + "ef".repeat(32) + "," + "x".repeat(33) + ",,,"));

    Shell.Result result = shell.run("keys", "import", "keys.csv");

    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("nothing is imported").doesNotContain("abab", "cdcd", "efef", "aaaa");
    assertThat(result.err().lines().filter(line -> line.startsWith("  line ")))
        .extracting(line -> line.strip().replaceAll(" \\(.*", ""))
        .containsExactly(
            "line 3: user: \"nobody\"", "line 4: hash:", "line 5: hash:", "line 6: start: 5 characters",
            "line 8: start: longenough is on a line before too", "line 9: scopes: \"get\"",
            "line 10: network: example.org", "line 11: expires_at: tomorrow", "line 12: expires_at: 2020-01-01T00:00:00Z",
            "line 13: 2 values", "line 14: a quote is not closed", "line 15: start: 33 characters");
    assertThat(shell.json("keys", "list", "-u", "acme").get("keys")).isEmpty();
  }

  @Test
  void what_is_imported_already_is_not_imported_again() {
    shell.file("keys.csv", "user,hash,start\nacme," + "ab".repeat(32) + ",\nacme,$2b$10$" + "a".repeat(53) + ",oldkey\n");
    shell.json("keys", "import", "keys.csv");

    Shell.Result again = shell.run("keys", "import", "keys.csv");

    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err())
        .contains("line 2: hash: (not shown) is imported already", "line 3: start: oldkey is imported already");
    assertThat(shell.json("keys", "list", "-u", "acme").get("keys")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "user,start | line 1: columns user,start",
        "user,hash,owner | line 1: column \"owner\"",
        "user,hash,hash | line 1: columns user,hash,hash",
        "'' | line 1: nothing"
      })
  void a_file_without_the_right_columns_is_no_file_of_keys(String head, String fault) {
    shell.file("keys.csv", head + "\n");

    assertThat(shell.run("keys", "import", "keys.csv").err()).contains(fault);
    assertThat(shell.run("keys", "import", "nowhere.csv").err()).contains("there is no file");
  }

  private static String row(JsonNode key) {
    return key.get("id").textValue() + " " + key.get("start").textValue() + "...";
  }
}

package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersCommandTest {

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory);
  }

  @Test
  void a_user_is_made_and_listed() {
    Shell.Result made = shell.run("users", "create", "acme");
    String id = made.out().strip();

    assertThat(made.exit()).isZero();
    assertThat(made.err()).contains("User acme is made", "gatehouse keys create --user acme");
    assertThat(shell.run("users", "list").out())
        .isEqualTo(
            CliTest.lines(
                "ID                          NAME  TENANT  PLAN  STATE    CREATED",
                id + "  acme  -       -     enabled  2026-11-24T12:00:00Z"));
  }

  @Test
  void a_user_may_be_made_for_a_tenant() {
    JsonNode made = shell.json("users", "create", "ann", "--tenant", "acme");
    Shell.Result bad = shell.run("users", "create", "bob", "--tenant", "a b");

    assertThat(made.get("tenant").textValue()).isEqualTo("acme");
    assertThat(shell.run("users", "list").out()).contains("  ann   acme    -     enabled  ");
    assertThat(bad.exit()).isNotZero();
    assertThat(bad.err()).contains("tenant: \"a b\" (expected: 1 to 64 letters, digits, ., _ and -");
  }

  @Test
  void scripts_get_users_as_the_api_shows_them() {
    JsonNode made = shell.json("users", "create", "Ada's team");

    assertThat(made.fieldNames()).toIterable().containsExactly("id", "name", "enabled", "created_at", "tenant", "plan", "next_plan");
    assertThat(made.get("name").textValue()).isEqualTo("Ada's team");
    assertThat(shell.json("users", "list").get("users")).containsExactly(made);
  }

  @Test
  void where_there_is_nobody_the_list_is_empty() {
    assertThat(shell.run("users", "list")).isEqualTo(new Shell.Result(0, "", CliTest.lines("There are no users.")));
    assertThat(shell.json("users", "list").get("users")).isEmpty();
  }

  @Test
  void the_next_command_that_is_proposed_can_be_pasted() {
    assertThat(shell.run("users", "create", "Ada's team").err()).endsWith(CliTest.lines("--user 'Ada'\\''s team'"));
  }

  @Test
  void a_name_can_be_had_once_whatever_its_case() {
    shell.json("users", "create", "acme");

    Shell.Result again = shell.run("users", "create", "ACME");

    assertThat(again)
        .isEqualTo(new Shell.Result(73, "", CliTest.lines("error: there is a user named \"ACME\" already")));
    assertThat(shell.run("users", "create", " ").err()).contains("expected: 1 to 100 characters");
    assertThat(shell.json("users", "list").get("users")).hasSize(1);
  }

  @Test
  void users_are_switched_off_and_on_and_deleted_by_name_or_id() {
    String id = shell.json("users", "create", "acme").get("id").textValue();

    assertThat(shell.json("users", "disable", "acme").get("enabled").booleanValue()).isFalse();
    assertThat(shell.run("users", "list").out()).contains("disabled");
    assertThat(shell.json("users", "enable", id).get("enabled").booleanValue()).isTrue();
    assertThat(shell.run("users", "disable", "ACME").err()).isEqualTo(CliTest.lines("User acme is disabled."));
    assertThat(shell.json("users", "delete", id).get("deleted").booleanValue()).isTrue();
    assertThat(shell.json("users", "list").get("users")).isEmpty();
  }

  @Test
  void a_user_who_is_not_there_is_a_failure() {
    for (String deed : new String[] {"disable", "enable", "delete"}) {
      Shell.Result text = shell.run("users", deed, "nobody");
      Shell.Result json = shell.run("users", deed, "nobody", "--output", "json");

      assertThat(text.exit()).isEqualTo(66);
      assertThat(text.err())
          .isEqualTo(
              CliTest.lines(
                  "error: there is no user with the name or id nobody", "  help: see: gatehouse users list"));
      assertThat(Shell.parse(json.err()).get("exit").intValue()).isEqualTo(66);
    }
  }
}

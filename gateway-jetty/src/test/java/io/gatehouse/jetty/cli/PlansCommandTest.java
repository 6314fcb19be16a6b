package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlansCommandTest {

  private static final String PRO =
      """
      {"name":"pro","title":"For professionals","limits":{"user":[{"permits":100,"period":"1s"}],"key":[]},
       "scopes":["GET /img/"],"options":{"max_pixels":"50000000"}}""";

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory).file("pro.json", PRO).file("free.json", "{\"name\":\"free\"}");
  }

  @Test
  void a_plan_is_put_listed_shown_and_deleted() {
    assertThat(shell.run("plans", "list")).isEqualTo(new Shell.Result(0, "", CliTest.lines("There are no plans.")));
    assertThat(shell.run("plans", "put", "-f", "pro.json").err()).isEqualTo(CliTest.lines("Plan pro is made."));
    assertThat(shell.run("plans", "put", "-f", "free.json").err()).isEqualTo(CliTest.lines("Plan free is made."));
    assertThat(shell.run("plans", "put", "-f", "pro.json").err()).isEqualTo(CliTest.lines("Plan pro is replaced."));

    assertThat(shell.run("plans", "list").out())
        .isEqualTo(
            CliTest.lines(
                "NAME  TITLE              USER LIMITS    KEY LIMITS     QUOTAS         SCOPES  OPTIONS",
                "free  -                  configuration  configuration  configuration  all     0",
                "pro   For professionals  1              none           configuration  1       1"));
    assertThat(shell.run("plans", "delete", "free").err()).isEqualTo(CliTest.lines("Plan free is deleted."));
    assertThat(shell.json("plans", "list").path("plans").findValuesAsText("name")).containsExactly("pro");
  }

  @Test
  void what_is_shown_can_be_put_again() {
    JsonNode put = shell.json("plans", "put", "--file", "pro.json");
    String shown = shell.run("plans", "show", "pro").out();

    assertThat(Shell.parse(shown)).isEqualTo(put);
    shell.file("again.json", shown);
    assertThat(shell.json("plans", "put", "-f", "again.json")).isEqualTo(put);
    assertThat(put.path("quotas").isNull()).isTrue();
    assertThat(put.path("options").path("max_pixels").asText()).isEqualTo("50000000");
  }

  @Test
  void a_file_that_is_no_plan_is_told_line_by_line_and_changes_nothing() {
    shell.file("bad.json", "{\"name\":\"pro\",\"nmae\":\"pro\",\"scopes\":[\"get\"]}").file("broken.json", "{\n\"name\":");

    assertThat(shell.run("plans", "put", "-f", "bad.json").err()).contains(
        "2 things are wrong", "  nmae: unknown (did you mean name?)", "  scopes[0]: \"get\"");
    assertThat(shell.run("plans", "put", "-f", "broken.json").err()).contains("not JSON, at line 2");
    assertThat(shell.run("plans", "put", "-f", "nowhere.json").err()).contains("there is no file nowhere.json");
    assertThat(shell.run("plans", "put", "-f", "bad.json").exit()).isEqualTo(1);
    assertThat(shell.json("plans", "list").path("plans")).isEmpty();
  }

  @Test
  void a_plan_that_is_not_there_is_a_failure_and_one_that_is_used_stays() {
    shell.run("plans", "put", "-f", "pro.json");
    shell.run("users", "create", "acme");
    shell.run("users", "plan", "acme", "pro");

    Shell.Result used = shell.run("plans", "delete", "pro");
    assertThat(used.exit()).isEqualTo(73);
    assertThat(used.err()).contains("a user is on this plan");
    for (String[] command : new String[][] {{"plans", "delete", "no"}, {"plans", "show", "no"}, {"users", "plan", "acme", "no"}}) {
      Shell.Result missing = shell.run(command);
      assertThat(missing.exit()).isEqualTo(66);
      assertThat(missing.err()).isEqualTo(
          CliTest.lines("error: there is no plan with the name no", "  help: see: gatehouse plans list"));
    }
  }

  @Test
  void a_user_is_put_on_a_plan_now_or_at_a_moment_and_taken_off() {
    shell.run("plans", "put", "-f", "pro.json");
    shell.run("users", "create", "acme");
    assertThat(shell.run("users", "plan", "acme").out()).isEqualTo(CliTest.lines("User acme is on no plan."));

    assertThat(shell.run("users", "plan", "acme", "pro").err())
        .isEqualTo(CliTest.lines("User acme is on the plan pro."));
    assertThat(shell.run("users", "list").out()).contains("  acme  -       pro   enabled  ");
    assertThat(shell.run("users", "plan", "acme", "--none", "--at", "2999-01-01").err())
        .isEqualTo(CliTest.lines("User acme is on the plan pro, and on no plan from 2999-01-01T00:00:00Z."));
    assertThat(shell.json("users", "list").path("users").get(0).path("next_plan").path("at").asText())
        .isEqualTo("2999-01-01T00:00:00Z");

    assertThat(shell.run("users", "plan", "acme", "--cancel").err())
        .isEqualTo(CliTest.lines("User acme is on the plan pro."));
    assertThat(shell.run("users", "plan", "acme", "--none").err())
        .isEqualTo(CliTest.lines("User acme is on no plan."));
  }

  @Test
  void one_thing_is_asked_of_a_plan_at_a_time() {
    shell.run("users", "create", "acme");

    assertThat(shell.run("users", "plan", "acme", "pro", "--none").exit()).isEqualTo(2);
    assertThat(shell.run("users", "plan", "acme", "pro", "--cancel").exit()).isEqualTo(2);
    assertThat(shell.run("users", "plan", "acme", "--at", "2999-01-01").exit()).isEqualTo(2);
    assertThat(shell.run("users", "plan", "acme", "--cancel", "--at", "2999-01-01").exit()).isEqualTo(2);
  }
}

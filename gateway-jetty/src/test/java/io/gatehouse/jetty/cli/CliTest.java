package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CliTest {

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory);
  }

  /** All commands, each as the words that lead to it. */
  static List<String> commands() {
    List<String> commands = new ArrayList<>();
    addTo(commands, "", Cli.line(new RootCommand(Surroundings.ofProcess())));
    return commands;
  }

  private static void addTo(List<String> commands, String words, CommandLine command) {
    commands.add(words);
    command.getSubcommands().forEach((name, sub) -> addTo(commands, (words + " " + name).strip(), sub));
  }

  @Test
  void the_page_names_every_command() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "cli.md"));
    List<String> all = commands();

    assertThat(all)
        .filteredOn(each -> !each.isEmpty() && all.stream().noneMatch(other -> other.startsWith(each + " ")))
        .allSatisfy(each -> assertThat(page).containsPattern("`" + each + "[ `]"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void every_command_explains_itself_and_its_exit_codes_and_does_nothing(String command) {
    Shell.Result result = shell.run((command + " --help").strip().split(" "));

    assertThat(result.exit()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .startsWith(("Usage: gatehouse " + command).strip())
        .contains("--config=FILE", "--output=text|json", "--server=URL", "--help", "Exit codes:", "66", "69", "73", "77", "78");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void the_version_is_told() {
    assertThat(shell.run("--version").out()).matches("Gatehouse \\S+, Java \\S+\\R");
  }

  @Test
  void a_wrong_command_line_exits_with_2_and_shows_a_way_out() {
    assertThat(shell.run("keys", "crate"))
        .isEqualTo(
            new Shell.Result(
                2,
                "",
                lines("error: Unmatched argument at index 1: 'crate'", "  help: did you mean: create or rotate?")));
    assertThat(shell.run("keys").err()).contains("Missing required subcommand", "try: gatehouse keys --help");
    assertThat(shell.run("keys", "create").err()).contains("--user=NAME");
    assertThat(shell.run("users", "list", "--output", "xml").exit()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--output json", "--output=json", "-o json", "--output JSON", "-o=json", "-ojson"})
  void a_wrong_command_line_is_told_in_json_to_scripts(String format) {
    Shell.Result result = shell.run(("users frobnicate " + format).split(" "));

    assertThat(result.out()).isEmpty();
    assertThat(result.exit()).isEqualTo(2);
    JsonNode error = Shell.parse(result.err());
    assertThat(error.get("error").textValue()).contains("frobnicate");
    assertThat(error.get("exit").intValue()).isEqualTo(2);
  }

  @Test
  void the_common_options_may_stand_before_the_command_and_behind_it() {
    shell.file("mine.yaml", "server: {port: 81}\n");

    assertThat(shell.run("-c", "mine.yaml", "-o", "json", "config", "check").out()).contains("mine.yaml", "valid");
    assertThat(shell.run("config", "-c", "mine.yaml", "check", "-o", "json").out()).contains("mine.yaml", "valid");
    assertThat(shell.run("config", "check", "-c", "mine.yaml", "-o", "json").out()).contains("mine.yaml", "valid");
  }

  @Test
  void a_store_that_cannot_be_opened_exits_with_69_and_without_a_stack_trace() throws Exception {
    Files.writeString(directory.resolve("data"), "a file where a directory should be");

    Shell.Result text = shell.run("users", "list");
    Shell.Result json = shell.run("users", "list", "-o", "json");

    assertThat(text.exit()).isEqualTo(69);
    assertThat(text.out()).isEmpty();
    assertThat(text.err()).startsWith("error: ").contains("gatehouse.db").doesNotContain("\tat ");
    assertThat(json.exit()).isEqualTo(69);
    assertThat(Shell.parse(json.err()).get("exit").intValue()).isEqualTo(69);
  }

  @Test
  void an_address_of_a_database_that_cannot_be_read_is_a_fault_of_the_settings_and_not_shown() {
    Shell.Result result = shell.with("GATEHOUSE_DATABASE_DSN", "postgres://u:secretpw@:bad:1/x").run("users", "list");

    assertThat(result.exit()).isEqualTo(78);
    assertThat(result.err()).contains("dsn").doesNotContain("secretpw");
  }

  @Test
  void a_shell_can_complete_the_commands() {
    assertThat(shell.run("generate-completion").out()).startsWith("#!/usr/bin/env bash").contains("rotate", "--grace");
    assertThat(shell.json("generate-completion").get("script").textValue()).contains("rotate");
    assertThat(shell.run("generate-completion", "--shell", "fish").out())
        .contains(
            "complete -c gatehouse -n '__gatehouse_at' -a limits -d 'Says how fast a user, a key or a tenant may be.'\n",
            "complete -c gatehouse -n '__gatehouse_at keys' -a rotate -d ",
            "complete -c gatehouse -n '__gatehouse_in keys rotate' -l grace -x -d ",
            "complete -c gatehouse -n '__gatehouse_in export history' -l by -x -a 'minute hour day' -d ",
            "complete -c gatehouse -n '__gatehouse_in' -l token-file -r -F -d ")
        .doesNotContain("'__gatehouse_in keys rotate' -l server");
  }

  static String lines(String... lines) {
    return String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }
}

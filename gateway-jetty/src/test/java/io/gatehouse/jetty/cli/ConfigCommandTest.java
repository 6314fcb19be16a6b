package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory);
  }

  @Test
  void settings_are_valid_without_a_file() {
    assertThat(shell.run("config", "check"))
        .isEqualTo(new Shell.Result(0, "", CliTest.lines("no file, defaults and environment: valid")));
    assertThat(shell.json("config", "check").get("file").isNull()).isTrue();
  }

  @Test
  void the_usual_file_is_found_in_the_working_directory() {
    shell.file("gatehouse.yaml", "server: {port: 8123}\n");

    assertThat(shell.run("config", "check").err()).endsWith(CliTest.lines("gatehouse.yaml: valid"));
    assertThat(value(shell.json("config", "print"), "server.port").get("value").intValue()).isEqualTo(8123);
  }

  @Test
  void all_faults_are_told_each_on_a_line_of_its_own() {
    shell.file("gatehouse.yaml", "server:\n  prot: 1\n  port: 80800\nbackends:\n  - url: ftp://x\n")
        .with("GATEHOUSE_SERVER_PROT", "1");

    for (String command : List.of("", "run", "config check", "config print", "reload", "migrate", "users list")) {
      Shell.Result result = shell.run(command.isEmpty() ? new String[0] : command.split(" "));

      assertThat(result.exit()).isEqualTo(78);
      assertThat(result.out()).isEmpty();
      assertThat(result.err().lines())
          .satisfiesExactly(
              line -> assertThat(line).contains("gatehouse.yaml:2:3: server.prot: ", "did you mean server.port?"),
              line -> assertThat(line).contains("gatehouse.yaml:3:9: server.port: 80800"),
              line -> assertThat(line).contains("gatehouse.yaml:5:10: backends[0].url: "),
              line -> assertThat(line).contains("env GATEHOUSE_SERVER_PROT: "));
    }
  }

  @Test
  void scripts_get_the_faults_in_one_document() {
    shell.file("bad.yaml", "server: {port: 80800}\n");

    Shell.Result result = shell.run("config", "check", "--config", "bad.yaml", "--output", "json");

    assertThat(result.exit()).isEqualTo(78);
    assertThat(result.out()).isEmpty();
    JsonNode error = Shell.parse(result.err());
    assertThat(error.get("error").textValue()).isEqualTo("1 fault in the settings");
    assertThat(error.get("exit").intValue()).isEqualTo(78);
    JsonNode fault = error.get("faults").get(0);
    assertThat(fault.get("line").intValue()).isEqualTo(1);
    assertThat(fault.get("path").textValue()).isEqualTo("server.port");
  }

  @Test
  void a_file_that_is_named_must_be_there() {
    Shell.Result result = shell.run("config", "check", "--config", "none.yaml");

    assertThat(result.exit()).isEqualTo(78);
    assertThat(result.err()).contains("none.yaml: no such file");
  }

  @Test
  void settings_are_printed_with_their_origins_and_without_secrets() {
    shell.file("gatehouse.yaml", "server:\n  port: 8123\n").with("GATEHOUSE_ADMIN_TOKEN", "0123456789abcdefgh");

    String text = shell.run("config", "print").out();
    JsonNode json = shell.json("config", "print");

    assertThat(text)
        .containsPattern("port: 8123 +# .*gatehouse.yaml:2")
        .containsPattern("token: \"\\*{6}\" +# env GATEHOUSE_ADMIN_TOKEN");
    assertThat(value(json, "server.port").get("origin").textValue()).endsWith("gatehouse.yaml:2");
    assertThat(value(json, "server.idle_timeout").get("value").textValue()).isEqualTo("1m");
    assertThat(value(json, "server.trusted_proxies").get("value").isArray()).isTrue();
    assertThat(value(json, "observability.metrics_enabled").get("value").booleanValue()).isTrue();
    assertThat(text + json).doesNotContain("0123456789abcdefgh");
  }

  @Test
  void the_schema_is_a_json_document_either_way() {
    assertThat(Shell.parse(shell.run("config", "schema").out())).isEqualTo(shell.json("config", "schema"));
    assertThat(shell.json("config", "schema").at("/properties/server/properties/port").isObject()).isTrue();
  }

  @Test
  void migrate_brings_the_database_up_to_date_once() {
    JsonNode first = shell.json("migrate");
    JsonNode second = shell.json("migrate");

    assertThat(first.get("applied").intValue()).isPositive();
    assertThat(second.get("applied").intValue()).isZero();
    assertThat(second.get("version")).isEqualTo(first.get("version"));
    assertThat(shell.run("migrate").out())
        .isEqualTo(CliTest.lines("schema version " + first.get("version").textValue() + ", was up to date"));
  }

  private static JsonNode value(JsonNode printed, String path) {
    for (JsonNode row : printed.get("settings")) {
      if (row.get("path").textValue().equals(path)) {
        return row;
      }
    }
    throw new AssertionError("no " + path);
  }
}

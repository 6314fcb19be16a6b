package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How run and demo fail when they cannot start. */
class StartTest {

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory).with("GATEHOUSE_SERVER_HOST", "127.0.0.1");
  }

  @Test
  void a_port_that_is_taken_is_named_together_with_the_way_to_another() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      shell.with("GATEHOUSE_SERVER_PORT", Integer.toString(port));

      Shell.Result text = shell.run();
      Shell.Result json = shell.run("run", "--output", "json");

      assertThat(text.exit()).isEqualTo(69);
      assertThat(text.out()).isEmpty();
      assertThat(text.err())
          .contains("error: cannot listen on port " + port, "GATEHOUSE_SERVER_PORT=N")
          .doesNotContain("\tat ");
      assertThat(json.exit()).isEqualTo(69);
      JsonNode error = Shell.parse(json.err());
      assertThat(error.get("error").textValue()).contains("port " + port);
      assertThat(error.get("exit").intValue()).isEqualTo(69);
    }
  }

  @Test
  void a_port_of_administration_that_is_taken_is_told_apart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      shell.with("GATEHOUSE_SERVER_PORT", "0").with("GATEHOUSE_ADMIN_LISTEN", "127.0.0.1:" + taken.getLocalPort());

      Shell.Result result = shell.run("run");

      assertThat(result.exit()).isEqualTo(69);
      assertThat(result.err()).contains("port " + taken.getLocalPort(), "admin.listen");
    }
  }

  @Test
  void a_data_directory_that_cannot_be_used_exits_with_69() throws Exception {
    Files.writeString(directory.resolve("data"), "a file where a directory should be");

    Shell.Result result = shell.with("GATEHOUSE_SERVER_PORT", "0").run("run");

    assertThat(result.exit()).isEqualTo(69);
    assertThat(result.err()).startsWith("error: ").doesNotContain("\tat ");
  }

  @Test
  void the_demo_takes_no_file_of_settings_and_no_impossible_port() {
    assertThat(shell.run("demo", "--config", "x.yaml").exit()).isEqualTo(2);
    assertThat(shell.run("demo", "--port", "65536").exit()).isEqualTo(2);
  }

  @Test
  void a_port_that_was_asked_for_is_not_replaced_by_another() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Shell.Result result = shell.run("demo", "--port", Integer.toString(taken.getLocalPort()));

      assertThat(result.exit()).isEqualTo(69);
      assertThat(result.err()).contains("cannot listen on port " + taken.getLocalPort(), "--port N");
    }
  }
}

package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.fixture.GatewayNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadCommandTest {

  @TempDir Path directory;

  @Test
  void what_has_changed_and_what_waits_is_told() throws Exception {
    try (GatewayNode node = GatewayNode.start(directory, "auth: {required: true}\n")) {
      Shell shell = shell(node).file("gatehouse.yaml", "auth: {required: false, key_prefix: other}\n");

      Shell.Result first = shell.run("reload");
      JsonNode second = shell.json("reload");

      assertThat(first.exit()).isZero();
      assertThat(first.out()).isEqualTo("""
          changed:
            auth.required
          waiting for a restart:
            auth.key_prefix
          """);
      assertThat(second.get("changed")).isEmpty();
      assertThat(second.get("waiting_for_restart")).hasSize(1);
      assertThat(node.gatehouse().settings().auth().required()).isFalse();
    }
  }

  @Test
  void what_only_the_gateway_finds_wrong_is_told_like_what_is_found_here() throws Exception {
    try (GatewayNode node = GatewayNode.start(directory, "auth: {required: true}\n")) {
      Shell shell = shell(node).with("WHETHER", "false").file("gatehouse.yaml", "auth: {required: \"${WHETHER}\"}\n");

      Shell.Result result = shell.run("reload");

      assertThat(result.exit()).isEqualTo(78);
      assertThat(result.err()).contains("gatehouse.yaml:1:18: auth.required: ").contains("WHETHER");
      assertThat(node.gatehouse().settings().auth().required()).isTrue();
    }
  }

  @Test
  void another_token_than_the_gateways_is_refused_with_a_hint() throws Exception {
    try (GatewayNode node = GatewayNode.start(directory, "")) {
      Shell.Result result = shell(node).with("GATEHOUSE_ADMIN_TOKEN", "another-token-0123456789").run("reload");

      assertThat(result.exit()).isEqualTo(77);
      assertThat(result.err()).contains("the token is unknown").contains("127.0.0.1").doesNotContain("another-token");
    }
  }

  @Test
  void a_gateway_that_does_not_run_cannot_be_asked() throws Exception {
    Shell shell = new Shell(directory)
        .with("GATEHOUSE_SERVER_PORT", Integer.toString(freePort()))
        .with("GATEHOUSE_ADMIN_TOKEN", GatewayNode.ADMIN_TOKEN);

    Shell.Result result = shell.run("reload");

    assertThat(result.exit()).isEqualTo(69);
    assertThat(result.err()).contains("cannot connect to http://localhost:", "is the gateway running there");
  }

  @Test
  void without_a_token_or_a_port_nothing_is_asked_and_nothing_is_made() {
    Shell shell = new Shell(directory);

    assertThat(shell.run("reload").err()).contains("no administrator's token");
    assertThat(Files.exists(directory.resolve("data"))).isFalse();
    assertThat(shell.with("GATEHOUSE_SERVER_PORT", "0").run("reload").err()).contains("--server");
  }

  private Shell shell(GatewayNode node) {
    return new Shell(directory)
        .with("GATEHOUSE_SERVER_HOST", "127.0.0.1")
        .with("GATEHOUSE_SERVER_PORT", Integer.toString(node.port()))
        .with("GATEHOUSE_ADMIN_TOKEN", GatewayNode.ADMIN_TOKEN);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}

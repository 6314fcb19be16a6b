package io.gatehouse.jetty.conformance;

import io.gatehouse.jetty.fixture.GatewayNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Plays all transcripts of src/test/resources/conformance against one gateway. */
class ConformanceTest {

  /** In the order of the page. */
  private static final List<String> FILES = List.of("targets.txt", "framing.txt", "fields.txt", "trusted.txt",
      "connections.txt", "answers.txt", "bad-answers.txt", "interim.txt", "websocket.txt");

  @TempDir static Path directory;
  private static Backend backend;
  private static GatewayNode node;
  private static GatewayNode trusting;

  @BeforeAll
  static void start() throws Exception {
    backend = new Backend();
    node = start("node", "");
    trusting = start("trusting", "server: {trusted_proxies: [127.0.0.1, 10.0.0.0/8]}");
  }

  private static GatewayNode start(String name, String more) throws IOException {
    return GatewayNode.start(directory.resolve(name), """
        backends: [{url: "%s"}]
        auth: {required: false}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        health_check: {unhealthy_after: 100}
        %s
        """.formatted(backend.url(), more));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    trusting.close();
    backend.close();
  }

  @TestFactory
  Stream<DynamicContainer> the_gateway_forwards_exactly() throws IOException {
    List<DynamicContainer> files = new ArrayList<>();
    for (String file : FILES) {
      GatewayNode gateway = file.equals("trusted.txt") ? trusting : node;
      files.add(DynamicContainer.dynamicContainer(
          file, Transcript.read(file).stream().map(transcript -> test(transcript, gateway))));
    }
    return files.stream();
  }

  static List<Transcript> transcripts() throws IOException {
    List<Transcript> all = new ArrayList<>();
    for (String file : FILES) {
      all.addAll(Transcript.read(file));
    }
    return all;
  }

  private static DynamicTest test(Transcript transcript, GatewayNode gateway) {
    return DynamicTest.dynamicTest(
        transcript.section() + ": " + transcript.name(),
        () -> {
          try (Conversation conversation = new Conversation(gateway.port(), backend)) {
            conversation.play(transcript);
          }
        });
  }
}

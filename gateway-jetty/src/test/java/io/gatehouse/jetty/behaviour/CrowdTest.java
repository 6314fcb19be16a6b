package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many connections to one gateway with a heap of 256 MiB: all of them busy, all of them idle, and all of them slow on
 * purpose. With {@code -Dgatehouse.soak} there are more of them, and those are measured that take longer.
 */
class CrowdTest {

  private static final boolean SOAK = System.getProperty("gatehouse.soak") != null;
  private static final int BUSY = 1_000;
  private static final int IDLE = SOAK ? 10_000 : 2_000;
  private static final int SLOW = SOAK ? 5_000 : 500;
  private static final long MOST_RESIDENT = 768L << 20;
  private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

  @TempDir static Path directory;
  private static volatile CountDownLatch crowd = new CountDownLatch(0);
  private static ScriptedBackend backend;
  private static GatewayProcess gateway;

  private final List<Wire> wires = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    backend = new ScriptedBackend((request, wire) -> {
      if (request.target().equals("/together")) {
        crowd.countDown();
        crowd.await(60, TimeUnit.SECONDS);
      }
      wire.send(ScriptedBackend.ok(wire.body(request).length() + " bytes"));
    });
    gateway = new GatewayProcess(directory, "256m", """
        server: {read_timeout: 3s, idle_timeout: 10m}
        backends: [{url: "%s"}]
        proxy: {connect_timeout: 60s, idle_timeout: 3s, response_timeout: 90s, max_connections: 2000}
        auth: {required: false}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri()));
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
    backend.close();
  }

  @AfterEach
  void leave() throws IOException {
    for (Wire wire : wires) {
      wire.close();
    }
  }

  @Test
  void a_thousand_clients_at_once_are_all_answered() throws Exception {
    crowd = new CountDownLatch(BUSY);
    open(BUSY);
    for (Wire wire : wires) {
      wire.socket().setSoTimeout(90_000);
      wire.send("POST /together HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    }

    for (Wire wire : wires) {
      Wire.Head head = wire.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(wire.body(head)).isEqualTo("5 bytes");
    }
    assertThat(crowd.getCount()).as("those that were not there with the others").isZero();
  }

  @Test
  void idle_connections_cost_little_and_slow_nobody_down() throws Exception {
    Duration alone = slowestOfAHundred();
    OptionalLong before = gateway.residentBytes();

    open(IDLE);
    for (Wire wire : wires) {
      wire.body(wire.send(GET).head());
    }
    Duration inCompany = slowestOfAHundred();
    OptionalLong after = gateway.residentBytes();

    System.out.printf("%d idle connections: p99 %s -> %s, resident %s -> %s%n", IDLE, alone, inCompany, before, after);
    assertThat(inCompany).isLessThan(alone.multipliedBy(10).plusMillis(200));
    after.ifPresent(bytes -> assertThat(bytes).isLessThan(MOST_RESIDENT));
    for (Wire wire : wires) {
      wire.send(GET);
      assertThat(wire.head().status()).isEqualTo(200);
    }
  }

  @Test
  void heads_that_are_dripped_are_cut_off_while_others_are_served() throws Exception {
    open(SLOW);
    for (Wire wire : wires) {
      wire.send("GET /a HTTP/1.1\r\n");
    }
    List<Wire> open = new ArrayList<>(wires);
    await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(250)).until(() -> {
      open.removeIf(wire -> !takes(wire, "x"));
      assertThat(slowestOfAHundred()).isLessThan(Duration.ofSeconds(5));
      return open.isEmpty();
    });

    gateway.residentBytes().ifPresent(bytes -> assertThat(bytes).isLessThan(MOST_RESIDENT));
  }

  @Test
  void bodies_that_stand_still_are_answered_with_408() throws Exception {
    open(200);
    for (Wire wire : wires) {
      wire.socket().setSoTimeout(60_000);
      wire.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nbegun");
    }

    for (Wire wire : wires) {
      assertThat(wire.head().status()).isEqualTo(408);
    }
    assertThat(gateway.get("/a").statusCode()).isEqualTo(200);
  }

  @Test
  @EnabledIfSystemProperty(named = "gatehouse.soak", matches = ".*")
  void bodies_that_are_dripped_are_cut_off() throws Exception {
    open(SLOW);
    for (Wire wire : wires) {
      wire.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    }
    List<Wire> open = new ArrayList<>(wires);
    await().atMost(Duration.ofSeconds(120)).pollInterval(Duration.ofSeconds(1)).until(() -> {
      open.removeIf(wire -> !takes(wire, "x"));
      return open.isEmpty();
    });

    gateway.residentBytes().ifPresent(bytes -> assertThat(bytes).isLessThan(MOST_RESIDENT));
  }

  private void open(int count) throws IOException {
    long most = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
    assumeThat(most).as("ulimit -n, with %d connections", count).isGreaterThan(count + 3_000L);
    for (int i = 0; i < count; i++) {
      wires.add(Wire.connect(gateway.port()));
    }
  }

  /** Whether the gateway still wants to hear of a client. */
  private static boolean takes(Wire wire, String more) {
    try {
      wire.send(more);
      return wire.in().available() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Duration slowestOfAHundred() throws IOException {
    long[] nanos = new long[100];
    try (Wire wire = Wire.connect(gateway.port())) {
      for (int i = 0; i < nanos.length; i++) {
        long begin = System.nanoTime();
        Wire.Head head = wire.send(GET).head();
        wire.body(head);
        assertThat(head.status()).isEqualTo(200);
        nanos[i] = System.nanoTime() - begin;
      }
    }
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[98]);
  }
}

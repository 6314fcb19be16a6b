package io.gatehouse.core.upstream;

import static io.gatehouse.core.upstream.Upstreams.ANY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes over real sockets. */
class HttpProbeTest {

  private static final Duration TIMEOUT = Duration.ofMillis(300);

  private final HttpProbe probe = new HttpProbe();
  private volatile int status = 200;
  private volatile String type = "text/plain";
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    serve(0);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void any_2xx_is_well() {
    assertThatCode(() -> probe.check(health(), TIMEOUT)).doesNotThrowAnyException();
    status = 204;
    assertThatCode(() -> probe.check(health(), TIMEOUT)).doesNotThrowAnyException();
  }

  @Test
  void other_answers_are_not_and_redirects_are_not_followed() {
    for (int bad : new int[] {301, 404, 500, 503}) {
      status = bad;
      assertThatIOException().isThrownBy(() -> probe.check(health(), TIMEOUT)).withMessage("answered " + bad);
    }
  }

  @Test
  void nobody_there_is_a_failure() {
    URI gone = health();
    server.stop(0);

    assertThatIOException().isThrownBy(() -> probe.check(gone, TIMEOUT));
  }

  @Test
  void silence_ends_at_the_timeout() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/health");
      long start = System.nanoTime();

      assertThatIOException().isThrownBy(() -> probe.check(uri, TIMEOUT));

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void an_answer_that_comes_byte_by_byte_ends_at_the_timeout_too() throws IOException {
    try (ServerSocket dripping = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("http://127.0.0.1:" + dripping.getLocalPort() + "/health");
      Thread drips = new Thread(() -> drip(dripping));
      drips.setDaemon(true);
      drips.start();

      assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> probe.check(uri, TIMEOUT));
    }
  }

  private static void drip(ServerSocket server) {
    try (Socket socket = server.accept()) {
      for (int i = 0; i < 200; i++) {
        socket.getOutputStream().write('H');
        Thread.sleep(100);
      }
    } catch (IOException | InterruptedException left) {
      // The probe has given up.
    }
  }

  @Test
  void a_picture_is_200_with_a_type_of_images() {
    HttpProbe render = new HttpProbe().forPictures();
    type = "image/png";
    assertThatCode(() -> render.check(health(), TIMEOUT)).doesNotThrowAnyException();
    type = "text/plain";
    assertThatIOException().isThrownBy(() -> render.check(health(), TIMEOUT))
        .withMessage("answered 200 with text/plain (expected: 200 with image/...)");
    type = "image/png";
    status = 204;
    assertThatIOException().isThrownBy(() -> render.check(health(), TIMEOUT));
  }

  @Test
  void a_killed_backend_is_out_within_a_moment_and_back_within_three_seconds() throws IOException {
    int port = server.getAddress().getPort();
    Upstream upstream = new Upstream(
        URI.create("http://127.0.0.1:" + port), 1, Upstream.State.ENABLED, Duration.ofSeconds(30));
    Pool pool = new Pool(new HealthCheck("/health", TIMEOUT, Duration.ofMillis(200), 3, 2));
    PoolBalancer balancer = PoolBalancer.weightedRoundRobin(pool);
    try (HealthChecker checker = HealthChecker.start(pool, new HttpProbe())) {
      pool.replace(List.of(upstream));
      await().until(() -> pool.standings().get(0).health() == Health.HEALTHY);

      server.stop(0);
      balancer.pick(ANY, Set.of()).orElseThrow().failed(new IOException("refused"));
      await().atMost(Duration.ofSeconds(2)).until(() -> balancer.pick(ANY, Set.of()).isEmpty());

      serve(port);
      await().atMost(Duration.ofSeconds(3)).until(() -> pool.standings().get(0).usable());
      assertThat(checker).isNotNull();
    }
    await().until(() -> Thread.getAllStackTraces().keySet().stream()
        .noneMatch(thread -> thread.getName().startsWith("gatehouse-health")));
  }

  private URI health() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/health");
  }

  private void serve(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10);
    server.createContext("/health", exchange -> {
      exchange.getResponseHeaders().set("Location", "/elsewhere");
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
    });
    server.start();
  }
}

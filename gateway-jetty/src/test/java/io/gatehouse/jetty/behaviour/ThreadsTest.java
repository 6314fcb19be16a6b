package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Few threads carry all requests: what one connection does must not keep the others waiting. */
class ThreadsTest {

  private static final byte[] WITHOUT_KEY =
      "GET /a HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200).getBytes(StandardCharsets.ISO_8859_1);

  @TempDir Path directory;

  @Test
  void who_sends_nothing_but_what_is_refused_at_once_keeps_no_others_from_their_turn() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            observability: {log_level: warn}
            """.formatted(backend.uri()))) {
      String key = node.key(node.user("alice")).secret();
      List<Flood> floods = new ArrayList<>();
      try {
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
          floods.add(new Flood(node.port()));
        }
        for (Flood flood : floods) {
          assertThat(flood.answered.await(20, TimeUnit.SECONDS)).isTrue();
        }
        for (int i = 0; i < 50; i++) {
          assertThat(node.get("/a", "X-API-Key", key).body()).isEqualTo("picture");
        }
        assertThat(floods).allMatch(Flood::goesOn);
      } finally {
        for (Flood flood : floods) {
          flood.close();
        }
      }
    }
  }

  @Test
  void connecting_takes_no_longer_than_it_may_beside_a_clients_connection() throws Exception {
    // A listener that accepts nobody and whose queue is full lets the handshake hang.
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket one = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket two = new Socket(full.getInetAddress(), full.getLocalPort());
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "http://127.0.0.1:%d"}]
            auth: {required: false}
            proxy: {connect_timeout: 300ms, response_timeout: 60s, max_attempts: 1}
            """.formatted(full.getLocalPort()))) {
      long begin = System.nanoTime();
      HttpResponse<String> answer = node.get("/a");

      assertThat(answer.statusCode()).isEqualTo(504);
      // Jetty's own bound for a server's selector is 15 s.
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
      assertThat(one.isConnected() && two.isConnected()).isTrue();
    }
  }

  /** One connection that sends requests without a key as fast as they are answered, and more. */
  private static final class Flood implements AutoCloseable {

    private final CountDownLatch answered = new CountDownLatch(1);
    private final Socket socket;
    private final List<Thread> threads;

    Flood(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      threads = List.of(new Thread(this::send, "flood-sends"), new Thread(this::receive, "flood-receives"));
      threads.forEach(Thread::start);
    }

    private void send() {
      try {
        OutputStream out = socket.getOutputStream();
        while (!socket.isClosed()) {
          out.write(WITHOUT_KEY);
        }
      } catch (IOException e) {
        // The test is over.
      }
    }

    private void receive() {
      try {
        InputStream in = socket.getInputStream();
        byte[] some = new byte[64 * 1024];
        while (in.read(some) >= 0) {
          answered.countDown();
        }
      } catch (IOException e) {
        // The test is over.
      }
    }

    boolean goesOn() {
      return threads.stream().allMatch(Thread::isAlive);
    }

    @Override
    public void close() throws IOException, InterruptedException {
      socket.close();
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(20));
      }
    }
  }
}

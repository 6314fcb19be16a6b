package io.gatehouse.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import io.gatehouse.upstream.Upstream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names, records and files that say where backends are, and change. */
class DiscoveryTest {

  private static final Duration EVERY = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void every_address_of_a_host_is_a_backend() throws IOException {
    InetAddress[] addresses = {
      InetAddress.getByName("10.0.0.2"), InetAddress.getByName("10.0.0.1"), InetAddress.getByName("fd00::1")
    };

    List<Upstream> found = new DnsDiscovery("imgproxy", 8080, EVERY, host -> addresses).find();

    assertThat(found).extracting(backend -> backend.uri().toString()).containsExactly(
        "http://10.0.0.1:8080", "http://10.0.0.2:8080", "http://[fd00:0:0:0:0:0:0:1]:8080");
    assertThat(found).allMatch(backend -> backend.weight() == 1 && backend.healthCheckInterval().equals(EVERY));
    assertThat(new DnsDiscovery("localhost", 80, EVERY).find()).isNotEmpty();
  }

  @Test
  void srv_records_of_the_best_priority_are_backends_with_their_weights() throws Exception {
    try (NameServer server = new NameServer(List.of(
        new Record(10, 600, 8081, "b.test"), new Record(10, 300, 8080, "a.test"), new Record(20, 1, 80, "spare.test")))) {
      List<Upstream> found = new SrvDiscovery("_http._tcp.imgproxy.test", EVERY, server.url()).find();

      assertThat(found).extracting(Upstream::uri)
          .containsExactly(URI.create("http://a.test:8080"), URI.create("http://b.test:8081"));
      assertThat(found).extracting(Upstream::weight).containsExactly(50, 100);
    }
  }

  @Test
  void a_name_server_that_is_away_is_a_failure() throws Exception {
    NameServer server = new NameServer(List.of());
    server.close();

    assertThatIOException().isThrownBy(() -> new SrvDiscovery("_http._tcp.imgproxy.test", EVERY, server.url()).find())
        .withMessageStartingWith("SRV records of _http._tcp.imgproxy.test: ");
  }

  @Test
  void a_file_has_a_backend_in_every_line() throws IOException {
    Path file = Files.writeString(directory.resolve("backends"), """
        # ours
        http://10.0.0.5:8080   # no weight
          HTTP://Images.Example 7

        """);

    assertThat(new FileDiscovery(file, EVERY).find()).containsExactly(
        new Upstream(URI.create("http://10.0.0.5:8080"), 1, Upstream.State.ENABLED, EVERY),
        new Upstream(URI.create("http://images.example"), 7, Upstream.State.ENABLED, EVERY));
  }

  @Test
  void one_bad_line_spoils_a_file_and_is_not_quoted() throws IOException {
    for (String bad : List.of("http://me:secret@a", "http://a 101", "http://a 1 2", "http://a x", "ftp://a")) {
      Path file = Files.writeString(directory.resolve("backends"), "http://b\n" + bad + "\n");
      assertThatIOException().isThrownBy(() -> new FileDiscovery(file, EVERY).find())
          .withMessage(file + ":2: not a backend (expected: such as http://10.0.0.5:8080 2, the weight 1 to 100)");
    }
    Path file = Files.writeString(directory.resolve("backends"), "http://b\nhttp://b 2\n");
    assertThatIOException().isThrownBy(() -> new FileDiscovery(file, EVERY).find())
        .withMessage(file + ":2: http://b twice (expected: every backend once)");
  }

  @Test
  void changes_are_told_and_what_fails_or_is_empty_changes_nothing() {
    List<Object> answers = new ArrayList<>(List.of(
        List.of(backend("a")), List.of(backend("a")), List.of(backend("a"), backend("b")),
        new UnknownHostException("imgproxy"), List.of(), new IllegalArgumentException("bug"), List.of(backend("b"))));
    List<List<Upstream>> told = new ArrayList<>();
    Lookout lookout = new Lookout(List.of(() -> next(answers), () -> List.of(backend("a"))), told::add);

    for (int i = 0; i < 7; i++) {
      lookout.look();
    }

    assertThat(told).containsExactly(
        List.of(backend("a")), List.of(backend("a"), backend("b")), List.of(backend("b"), backend("a")));
  }

  @Test
  void a_file_that_changes_changes_the_pool() throws IOException {
    Path file = Files.writeString(directory.resolve("backends"), "http://a:8080\n");
    List<List<Upstream>> told = new CopyOnWriteArrayList<>();
    try (Lookout lookout =
        Lookout.start(List.of(new FileDiscovery(file, EVERY)), Duration.ofMillis(20), told::add)) {
      assertThat(told).as("at the start").containsExactly(List.of(backend("a")));
      Files.writeString(file, "http://a:8080\nhttp://b:8080\n");

      await().until(() -> told.contains(List.of(backend("a"), backend("b"))));
      assertThat(lookout).isNotNull();
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Upstream> next(List<Object> answers) throws IOException {
    Object answer = answers.remove(0);
    if (answer instanceof IOException failure) {
      throw failure;
    }
    if (answer instanceof RuntimeException failure) {
      throw failure;
    }
    return (List<Upstream>) answer;
  }

  private static Upstream backend(String name) {
    return Upstreams.upstream(name, 1);
  }

  private record Record(int priority, int weight, int port, String host) {}

  /** Answers every question with the same SRV records. */
  private static final class NameServer implements AutoCloseable {

    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final int port = socket.getLocalPort();

    NameServer(List<Record> records) throws IOException {
      Thread thread = new Thread(() -> serve(records), "name-server");
      thread.setDaemon(true);
      thread.start();
    }

    String url() {
      return "dns://127.0.0.1:" + port;
    }

    private void serve(List<Record> records) {
      try {
        while (true) {
          DatagramPacket asked = new DatagramPacket(new byte[512], 512);
          socket.receive(asked);
          byte[] answer = answer(asked, records);
          socket.send(new DatagramPacket(answer, answer.length, asked.getSocketAddress()));
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    /** RFC 1035, 4: the question again, then the records, whose name points to that of the question. */
    private static byte[] answer(DatagramPacket asked, List<Record> records) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      int end = 12;
      while (asked.getData()[end] != 0) {
        end += asked.getData()[end] + 1;
      }
      out.write(asked.getData(), 0, 2);
      out.writeShort(0x8180);
      out.writeShort(1);
      out.writeShort(records.size());
      out.writeInt(0);
      out.write(asked.getData(), 12, end + 5 - 12);
      for (Record record : records) {
        out.writeShort(0xc00c);
        out.writeShort(33);
        out.writeShort(1);
        out.writeInt(5);
        out.writeShort(6 + record.host().length() + 2);
        out.writeShort(record.priority());
        out.writeShort(record.weight());
        out.writeShort(record.port());
        for (String label : record.host().split("\\.")) {
          out.writeByte(label.length());
          out.write(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeByte(0);
      }
      return bytes.toByteArray();
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}

package io.gatehouse.jetty.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.gatehouse.jetty.conformance.Backend.Arrival;
import io.gatehouse.jetty.conformance.Transcript.Step;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Plays both sides of one {@link Transcript}, step by step, on one thread. */
final class Conversation implements AutoCloseable {

  private static final Pattern PROBLEM = Pattern.compile("\\{problem (\\d{3}) ([a-z0-9-]+)}\r\n");
  private static final Pattern LENGTH = Pattern.compile("(?mi)^Content-Length: (\\d+)$");

  private final int port;
  private final Backend backend;
  private final List<Peer> clients = new ArrayList<>();
  private final List<Arrival> served = new ArrayList<>();
  private @Nullable Arrival arrival;

  Conversation(int port, Backend backend) {
    this.port = port;
    this.backend = backend;
  }

  void play(Transcript transcript) throws IOException, InterruptedException {
    assertThat(backend.unexpected()).as("left over from the case before").isNull();
    connect();
    for (Step step : transcript.steps()) {
      switch (step.kind()) {
        case CLIENT_SENDS -> client().send(Words.said(step.text()));
        case CLIENT_SEES -> see("client", client(), null, step.text());
        case CLIENT_DOES -> clientDoes(step.text());
        case BACKEND_SENDS -> backend().send(Words.said(step.text()));
        case BACKEND_SEES -> backendSees(step.text());
        case BACKEND_DOES -> backendDoes(step.text());
      }
    }
    assertThat(backend.unexpected()).as("request that nobody sent").isNull();
  }

  private void connect() throws IOException {
    clients.add(new Peer(new Socket(InetAddress.getLoopbackAddress(), port)));
  }

  private Peer client() {
    return clients.get(clients.size() - 1);
  }

  private Peer backend() {
    if (arrival == null) {
      throw new IllegalStateException("b>: nothing has arrived (expected: b< before)");
    }
    return arrival.peer();
  }

  private void clientDoes(String deed) throws IOException {
    switch (deed) {
      case "new" -> connect();
      case "leave" -> client().close();
      case "closed" -> assertThat(client().rest()).as("what the client sees until the connection ends").isEmpty();
      case "cut" -> cut(client());
      case "reset" -> assertThat(client().isReset()).as("the connection ends with a reset").isTrue();
      case "open" -> {
        release();
        client().send("GET " + Backend.STILL_THERE + " HTTP/1.1\r\nHost: a\r\n\r\n");
        String head = client().head();
        assertThat(head).as("answer to another request").startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(client().bytes(3)).isEqualTo("yes");
      }
      default -> throw new IllegalArgumentException("c: " + deed);
    }
  }

  private void backendDoes(String deed) throws IOException {
    switch (deed) {
      case "close" -> backend().close();
      case "reset" -> backend().reset();
      case "closed" -> assertThat(backend().rest()).as("what the backend sees until its connection ends").isEmpty();
      case "cut" -> cut(backend());
      default -> throw new IllegalArgumentException("b: " + deed);
    }
  }

  /** What arrives of a body in chunks that breaks off on its way must be seen to be a part. */
  private static void cut(Peer peer) {
    assertThat(peer.rest()).as("what is seen until the connection ends").doesNotEndWith("0\r\n\r\n")
        .doesNotContain(Peer.OPEN);
  }

  private void backendSees(String text) throws IOException, InterruptedException {
    if (!text.contains("\r\n\r\n")) {
      see("backend", backend(), null, text);
      return;
    }
    release();
    Arrival next = next();
    arrival = next;
    served.add(next);
    next.peer().patience(Peer.PATIENCE_MILLIS);
    see("backend", next.peer(), next.head(), text);
  }

  private Arrival next() throws IOException, InterruptedException {
    Arrival next = backend.next();
    if (next == null) {
      client().patience(1000);
      throw new AssertionError("nothing arrived at the backend; the client sees:\n" + client().rest());
    }
    return next;
  }

  private void release() throws IOException {
    if (arrival != null) {
      arrival.release();
      arrival = null;
    }
  }

  /**
   * Reads as much as is expected and compares.
   *
   * @param read a head that was read before
   */
  private static void see(String who, Peer peer, @Nullable String read, String text) throws IOException {
    Matcher problem = PROBLEM.matcher(text);
    if (problem.matches()) {
      seeProblem(peer, problem.group(1), problem.group(2));
      return;
    }
    String rest = Words.seen(text);
    String head = read;
    String seen = "";
    while (rest.contains("\r\n\r\n") && !rest.startsWith("{chunk")) {
      int end = rest.indexOf("\r\n\r\n") + 4;
      String expected = rest.substring(0, end);
      seen = head == null ? peer.head() : head;
      compare(who, expected, seen);
      head = null;
      rest = rest.substring(end);
      Matcher length = LENGTH.matcher(expected);
      if (length.find() && Integer.parseInt(length.group(1)) < rest.length()) {
        int body = Integer.parseInt(length.group(1));
        compare(who, rest.substring(0, body), peer.bytes(body));
        rest = rest.substring(body);
      }
    }
    if (rest.startsWith("{chunk")) {
      Matcher length = LENGTH.matcher(seen);
      compare(who, rest, length.find()
          ? "{chunked}" + peer.bytes(Integer.parseInt(length.group(1))) + "\r\n\r\n" : chunks(peer, rest));
    } else {
      compare(who, rest, peer.bytes(rest.length()));
    }
  }

  private static void compare(String who, String expected, String actual) {
    if (!Words.match(expected, actual)) {
      assertThat(actual).as("what the %s sees", who).isEqualTo(expected);
    }
  }

  /** Chunks as a transcript writes them: cut where they were cut on the way is nobody's affair. */
  private static String chunks(Peer peer, String expected) throws IOException {
    boolean whole = expected.startsWith("{chunked}");
    int most = expected.length();
    StringBuilder seen = new StringBuilder(whole ? "{chunked}" : "{chunk}");
    while (whole || seen.length() < most) {
      String size = peer.line();
      if (size.equals("\r\n")) {
        size = peer.line();
      }
      if (!size.endsWith("\r\n") || !size.matches("[0-9A-Fa-f]+\r\n")) {
        return seen + "(no size of a chunk: " + size + ')';
      }
      int count = Integer.parseInt(size.strip(), 16);
      if (count == 0) {
        if (!whole) {
          return seen + "(the last chunk)";
        }
        seen.append("\r\n");
        for (String line = peer.line(); !line.equals("\r\n"); line = peer.line()) {
          if (line.isEmpty()) {
            return seen + "(no end of the trailers)";
          }
          seen.append(line);
        }
        return seen.append("\r\n").toString();
      }
      // The end of its line may come with the size of the next one.
      seen.append(peer.bytes(count));
    }
    return seen.toString();
  }

  private static void seeProblem(Peer peer, String status, String type) throws IOException {
    String head = peer.head();
    assertThat(head).as("head of the answer").startsWith("HTTP/1.1 " + status + ' ');
    assertThat(head).contains("\r\nContent-Type: application/problem+json\r\n");
    Matcher length = LENGTH.matcher(head);
    if (!length.find()) {
      fail("no length in " + head);
    }
    String body = peer.bytes(Integer.parseInt(length.group(1)));
    assertThat(body).contains("\"type\":\"urn:gatehouse:problem:" + type + '"', "\"status\":" + status);
  }

  @Override
  public void close() throws IOException {
    for (Peer client : clients) {
      client.close();
    }
    for (Arrival one : served) {
      one.release();
    }
    backend.forget();
  }
}

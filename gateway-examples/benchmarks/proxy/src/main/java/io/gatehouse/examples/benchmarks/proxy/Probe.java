package io.gatehouse.examples.benchmarks.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Single requests on connections of their own, to see whether somebody answers as they should. */
final class Probe {

  private static final int CONNECT_MILLIS = 1_000;
  private static final int READ_MILLIS = 10_000;
  private static final long PAUSE_NANOS = 1_000_000;

  private Probe() {}

  /**
   * Asks again and again until the whole body has come with 200.
   *
   * @param key of Gatehouse, where one is needed
   * @param check is run before each attempt, and ends the waiting by throwing
   * @return the moment of the answer, on the clock of {@link System#nanoTime()}
   * @throws IllegalStateException when that does not happen in time
   */
  static long await(int port, Body body, Optional<String> key, Duration within, Runnable check) {
    long deadline = System.nanoTime() + within.toNanos();
    String fault;
    do {
      check.run();
      fault = fault(port, body, key);
      if (fault.isEmpty()) {
        return System.nanoTime();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    } while (System.nanoTime() - deadline < 0);
    throw new IllegalStateException("Port " + port + " does not answer as it should: " + fault);
  }

  /** What is wrong with the answer; empty: nothing. */
  static String fault(int port, Body body, Optional<String> key) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), CONNECT_MILLIS);
      socket.setSoTimeout(READ_MILLIS);
      socket.setTcpNoDelay(true);
      String credential = key.map(text -> "X-API-Key: " + text + "\r\n").orElse("");
      String request = "GET " + body.path() + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + credential
          + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return judge(all(socket.getInputStream()), body);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String judge(String answer, Body body) {
    int head = answer.indexOf("\r\n\r\n");
    if (head < 0) {
      return answer.isEmpty() ? "nothing" : answer.lines().findFirst().orElse("");
    }
    if (!answer.startsWith("HTTP/1.1 200")) {
      return answer.lines().findFirst().orElse("");
    }
    int length = answer.length() - head - 4;
    return length == body.bytes() ? "" : length + " bytes (expected: " + body.bytes() + ")";
  }

  private static String all(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    in.transferTo(bytes);
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }
}

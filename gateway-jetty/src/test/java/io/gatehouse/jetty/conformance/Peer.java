package io.gatehouse.jetty.conformance;

import io.gatehouse.jetty.fixture.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** One end of a connection that looks at every byte: nothing is stripped, and line ends are what they are. */
final class Peer implements AutoCloseable {

  /** Longer than anything takes on a busy machine; nothing waits for it when all is well. */
  static final int PATIENCE_MILLIS = 10_000;

  /** What {@link #rest} ends with when the connection does not: {@value}. */
  static final String OPEN = "(and the connection stays open)";

  private final Wire wire;

  Peer(Socket socket) throws IOException {
    wire = new Wire(socket);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  /** How long reading waits; 0: for ever. */
  void patience(int millis) throws IOException {
    if (!isClosed()) {
      wire.socket().setSoTimeout(millis);
    }
  }

  void send(String bytes) throws IOException {
    wire.send(bytes);
  }

  /** Everything up to the first empty line, which is included; what came, if the connection ends before. */
  String head() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int b = wire.in().read();
      if (b < 0) {
        break;
      }
      head.write(b);
      matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** So many bytes; fewer when the connection ends before. */
  String bytes(int count) throws IOException {
    return new String(wire.in().readNBytes(count), StandardCharsets.ISO_8859_1);
  }

  /** A line with its end. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() == 0 || line.charAt(line.length() - 1) != '\n') {
      int b = wire.in().read();
      if (b < 0) {
        break;
      }
      line.append((char) b);
    }
    return line.toString();
  }

  /** What comes until the connection ends, by a reset too. */
  String rest() {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    try {
      for (int b = wire.in().read(); b >= 0; b = wire.in().read()) {
        rest.write(b);
      }
    } catch (SocketTimeoutException e) {
      return rest.toString(StandardCharsets.ISO_8859_1) + OPEN;
    } catch (IOException reset) {
      // An end like any other.
    }
    return rest.toString(StandardCharsets.ISO_8859_1);
  }

  /** Whether the connection ends, after what was read, with a reset. */
  boolean isReset() throws IOException {
    try {
      return wire.in().read() < -1;
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException reset) {
      return true;
    }
  }

  void reset() throws IOException {
    wire.reset();
  }

  boolean isClosed() {
    return wire.socket().isClosed();
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}

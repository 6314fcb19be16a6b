package io.gatehouse.jetty.proxy;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One end of a connection, spoken by hand. Bytes are Latin-1 characters, so that nothing gets lost. */
final class Wire implements AutoCloseable {

  /** What came before a body: the first line and the fields in their order, names and values untouched. */
  record Head(String line, List<String[]> fields) {

    List<String> all(String name) {
      return fields.stream().filter(field -> field[0].equalsIgnoreCase(name)).map(field -> field[1]).toList();
    }

    String first(String name) {
      return all(name).isEmpty() ? "" : all(name).get(0);
    }

    boolean has(String name) {
      return !all(name).isEmpty();
    }

    String method() {
      return line.substring(0, line.indexOf(' '));
    }

    String target() {
      return line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
    }

    int status() {
      return Integer.parseInt(line.substring(9, 12));
    }
  }

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
    out = socket.getOutputStream();
  }

  static Wire connect(int port) throws IOException {
    return new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  Socket socket() {
    return socket;
  }

  Wire send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Wire send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** The next line without its end. */
  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("after \"" + line.toString(StandardCharsets.ISO_8859_1) + '"');
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  Head head() throws IOException {
    String first = line();
    List<String[]> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      fields.add(new String[] {line.substring(0, colon), line.substring(colon + 1).strip()});
    }
    return new Head(first, fields);
  }

  /** The body that the head announces. */
  String body(Head head) throws IOException {
    if (head.first("Transfer-Encoding").equalsIgnoreCase("chunked")) {
      StringBuilder body = new StringBuilder();
      for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
        body.append(chunk);
      }
      return body.toString();
    }
    return head.has("Content-Length") ? bytes(Integer.parseInt(head.first("Content-Length"))) : "";
  }

  /**
   * The next chunk of a chunked body, empty at its end. Its line end is taken with the next one, because that is when some
   * send it.
   */
  String chunk() throws IOException {
    String size = line();
    if (size.isEmpty()) {
      size = line();
    }
    String chunk = bytes(Integer.parseInt(size, 16));
    if (chunk.isEmpty()) {
      line();
    }
    return chunk;
  }

  String bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("after " + bytes.length + " of " + count + " bytes");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Whether the other side has closed, or does so before long. */
  boolean closed() {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  InputStream in() {
    return in;
  }

  OutputStream out() {
    return out;
  }

  /** Closes with a reset instead of an end. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

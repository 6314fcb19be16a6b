package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One connection of a load, with at most one request under way. */
final class Connection {

  private static final int LONGEST_HEAD = 16 * 1024;
  private static final Pattern LENGTH =
      Pattern.compile("\r\ncontent-length: *([0-9]{1,9})\r\n", Pattern.CASE_INSENSITIVE);

  private final InetSocketAddress address;
  private final int expected;
  private final Selector selector;
  private final byte[] head = new byte[LONGEST_HEAD];
  private SocketChannel channel;
  private int headBytes;
  private long bodyBytesLeft;
  private boolean waiting;
  private boolean inBody;
  private boolean good;
  private long dueNanos;
  private long bytes;

  /** Whether an answer is there. */
  enum State {
    WAITING,
    ANSWERED,
    /** None of 200 with the whole body; the connection is new when it was broken. */
    FAILED
  }

  /**
   * Connects, and waits for that.
   *
   * @param expected the bytes of each body
   */
  Connection(InetSocketAddress address, int expected, Selector selector) throws IOException {
    this.address = address;
    this.expected = expected;
    this.selector = selector;
    this.channel = connect();
  }

  /** What a contender is asked in turn: one request for each of its keys, or one without any. */
  static ByteBuffer[] requests(Contender contender, Body body) {
    String head = "GET " + body.path() + " HTTP/1.1\r\nHost: 127.0.0.1:" + contender.port() + "\r\n";
    Stream<String> credentials = contender.keys().isEmpty()
        ? Stream.of("")
        : contender.keys().stream().map(key -> "X-API-Key: " + key + "\r\n");
    return credentials
        .map(credential -> ByteBuffer.wrap((head + credential + "\r\n").getBytes(StandardCharsets.US_ASCII)))
        .toArray(ByteBuffer[]::new);
  }

  private SocketChannel connect() throws IOException {
    SocketChannel fresh = SocketChannel.open(address);
    fresh.setOption(StandardSocketOptions.TCP_NODELAY, true);
    fresh.configureBlocking(false);
    fresh.register(selector, SelectionKey.OP_READ, this);
    return fresh;
  }

  /** Sends the whole of a request that was due at that moment. */
  void send(ByteBuffer request, long due) throws IOException {
    dueNanos = due;
    waiting = true;
    headBytes = 0;
    inBody = false;
    request.rewind();
    while (request.hasRemaining()) {
      if (!channel.isOpen()) {
        channel = connect();
        request.rewind();
      }
      try {
        channel.write(request);
      } catch (IOException e) {
        channel.close();
      }
    }
  }

  long dueNanos() {
    return dueNanos;
  }

  /** What was read since this was asked last. */
  long takeBytes() {
    long taken = bytes;
    bytes = 0;
    return taken;
  }

  /** Reads what is there. A connection that breaks while nothing is under way is made anew and told as waiting. */
  State receive(ByteBuffer buffer) {
    try {
      buffer.clear();
      int count = channel.read(buffer);
      if (count < 0) {
        return broken();
      }
      bytes += count;
      buffer.flip();
      return inBody ? body(buffer.remaining()) : head(buffer);
    } catch (IOException e) {
      return broken();
    }
  }

  private State head(ByteBuffer buffer) {
    while (buffer.hasRemaining()) {
      if (headBytes == LONGEST_HEAD) {
        return broken();
      }
      head[headBytes++] = buffer.get();
      if (headBytes >= 4 && endsHead()) {
        String text = new String(head, 0, headBytes, StandardCharsets.ISO_8859_1);
        Matcher length = LENGTH.matcher(text);
        if (!length.find()) {
          return broken();
        }
        bodyBytesLeft = Long.parseLong(length.group(1));
        good = text.startsWith("HTTP/1.1 200") && bodyBytesLeft == expected;
        inBody = true;
        return body(buffer.remaining());
      }
    }
    return State.WAITING;
  }

  private boolean endsHead() {
    return head[headBytes - 1] == '\n' && head[headBytes - 2] == '\r'
        && head[headBytes - 3] == '\n' && head[headBytes - 4] == '\r';
  }

  private State body(int count) {
    bodyBytesLeft -= count;
    if (bodyBytesLeft > 0) {
      return State.WAITING;
    }
    waiting = false;
    return good && bodyBytesLeft == 0 ? State.ANSWERED : State.FAILED;
  }

  private State broken() {
    try {
      channel.close();
      channel = connect();
      boolean failed = waiting;
      waiting = false;
      return failed ? State.FAILED : State.WAITING;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

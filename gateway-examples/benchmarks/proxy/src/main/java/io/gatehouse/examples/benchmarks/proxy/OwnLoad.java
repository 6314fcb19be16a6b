package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Load by one thread of this process. It can keep a pace: then each request has a moment at which it is due, whether
 * those before it were answered or not, and its latency counts from that moment, so that a proxy that stands still is
 * not spared the requests that would have come meanwhile.
 */
final class OwnLoad implements Load {

  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int DIGITS = 3;
  private static final int READ_BYTES = 256 * 1024;

  /** Of a wait between two looks, with what the kernel adds some 70 us: an error that all contenders share. */
  private static final long PAUSE_NANOS = 20_000;

  private static final long UNPACED = 0;

  @Override
  public Answers saturate(Contender contender, Body body, int connections, long millis) {
    return run(contender, body, connections, millis, UNPACED);
  }

  /**
   * Asks so often in a second, whatever becomes of it.
   *
   * @return with errors for what was not answered ten seconds after the end
   */
  Answers pace(Contender contender, Body body, int connections, long millis, double perSecond) {
    return run(contender, body, connections, millis, Math.max(1, Math.round(1e9 / perSecond)));
  }

  @Override
  public String version() {
    return "own generator, one thread of Java " + Runtime.version().feature();
  }

  private static Answers run(Contender contender, Body body, int connections, long millis, long gapNanos) {
    try (Run run = new Run(contender, body, connections, TimeUnit.MILLISECONDS.toNanos(millis), gapNanos)) {
      return run.result();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One load from its beginning to its end. */
  private static final class Run implements AutoCloseable {

    private final Selector selector = Selector.open();
    private final Histogram latencies = new Histogram(LONGEST_NANOS, DIGITS);
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(READ_BYTES);
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final ByteBuffer[] requests;
    private final int connections;
    private final long gapNanos;
    private final long begin;
    private final long end;
    private long sent;
    private long answered;
    private long errors;
    private long bytes;

    Run(Contender contender, Body body, int connections, long nanos, long gapNanos) throws IOException {
      this.connections = connections;
      this.gapNanos = gapNanos;
      InetSocketAddress address = new InetSocketAddress("127.0.0.1", contender.port());
      this.requests = Connection.requests(contender, body);
      for (int i = 0; i < connections; i++) {
        idle.add(new Connection(address, body.bytes(), selector));
      }
      this.begin = System.nanoTime();
      this.end = begin + nanos;
    }

    Answers result() throws IOException {
      long now = begin;
      while (!over(now)) {
        if (send(now) + receive(now) == 0) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        now = System.nanoTime();
      }
      errors += due() - sent + connections - idle.size();
      return new Answers(
          answered,
          errors,
          bytes,
          Math.max(1, (now - begin) / 1_000),
          new Answers.Latency(
              micros(latencies.getValueAtPercentile(50)),
              micros(latencies.getValueAtPercentile(99)),
              micros(latencies.getValueAtPercentile(99.9)),
              micros(latencies.getMaxValue())));
    }

    private static long micros(long nanos) {
      return Math.round(nanos / 1e3);
    }

    private boolean over(long now) {
      boolean done = idle.size() == connections && sent == due();
      return now - end >= GRACE_NANOS || now - end >= 0 && done;
    }

    /** How many are to be sent in all; unpaced that is only known when the time is over. */
    private long due() {
      return gapNanos == UNPACED ? sent : (end - begin) / gapNanos;
    }

    private int send(long now) throws IOException {
      int count = 0;
      while (!idle.isEmpty() && isDue(now)) {
        Connection connection = idle.remove();
        ByteBuffer request = requests[(int) (sent % requests.length)];
        connection.send(request, gapNanos == UNPACED ? System.nanoTime() : begin + sent * gapNanos);
        sent++;
        count++;
      }
      return count;
    }

    private boolean isDue(long now) {
      return gapNanos == UNPACED ? now - end < 0 : sent < due() && now - (begin + sent * gapNanos) >= 0;
    }

    private int receive(long now) throws IOException {
      return gapNanos == UNPACED && now - end < 0
          ? selector.select(this::receive, 1)
          : selector.selectNow(this::receive);
    }

    private void receive(SelectionKey key) {
      Connection connection = (Connection) key.attachment();
      Connection.State state = connection.receive(incoming);
      bytes += connection.takeBytes();
      if (state == Connection.State.WAITING) {
        return;
      }
      answered++;
      if (state == Connection.State.FAILED) {
        errors++;
      }
      latencies.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - connection.dueNanos()));
      idle.add(connection);
    }

    @Override
    public void close() throws IOException {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    }
  }
}

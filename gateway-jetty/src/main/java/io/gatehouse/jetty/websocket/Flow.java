package io.gatehouse.jetty.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a tunnel: reads what the source has, writes it to the sink, and reads again when the
 * sink has taken it. So at most one buffer is under way, a slow sink stalls its source, and while nothing
 * moves no buffer is held at all.
 *
 * <p>Asked for a {@link #farewell}, it goes on to the end of the frame that is under way, writes a Close
 * frame there, and from then on only looks for the Close frame with which the source answers what it was told
 * by the other direction.
 *
 * <p>Runs on the threads of the selectors, one at a time, and never blocks.
 */
final class Flow extends IteratingCallback {

  /** How much is under way at the most: {@value} bytes. */
  static final int BUFFER_BYTES = 8 * 1024;

  /** After so many buffers the other connections of the selector have their turn: {@value}. */
  private static final int MOST_ROUNDS = 16;

  private final Tunnel tunnel;
  private final EndPoint source;
  private final EndPoint sink;
  private final boolean toBackend;
  private final ByteBufferPool buffers;
  private final LongAdder total;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicBoolean interested = new AtomicBoolean();
  private final Callback readable = new Readable();
  private final Callback written = new Written();

  private volatile @Nullable CloseFrame farewell;
  private volatile boolean closeRelayed;
  private volatile boolean farewellSent;
  private volatile boolean sinkBroken;

  // Of process() alone, which is never run by two threads at once.
  private final FrameTracker frames = new FrameTracker();
  private @Nullable ByteBuffer early;
  private @Nullable RetainableByteBuffer buffer;
  private int writing;
  private int rounds;
  private boolean atEndOfFrame;
  private boolean sourceEnded;

  /**
   * A direction that has not begun; {@link #iterate} begins it.
   *
   * @param early what the source has sent behind its part of the handshake
   */
  Flow(Tunnel tunnel, EndPoint source, EndPoint sink, boolean toBackend, ByteBufferPool buffers,
      LongAdder total, @Nullable ByteBuffer early) {
    this.tunnel = tunnel;
    this.source = source;
    this.sink = sink;
    this.toBackend = toBackend;
    this.buffers = buffers;
    this.total = total;
    this.early = early;
  }

  /** Whether the sink is the backend. */
  boolean toBackend() {
    return toBackend;
  }

  /** Bytes that were relayed. */
  long bytes() {
    return bytes.get();
  }

  /** Whether a Close frame of the source went by. */
  boolean closeRelayed() {
    return closeRelayed;
  }

  /** Whether the sink knows that it is over, be it from the source or from the gateway. */
  boolean sinkTold() {
    return closeRelayed || farewellSent;
  }

  /**
   * Has the sink told at the next end of a frame that it is over, unless the source does so itself;
   * {@link #iterate} sees to it if nothing is under way.
   */
  void farewell(CloseFrame frame) {
    farewell = frame;
  }

  /** There may be something to read. */
  void onFillable() {
    interested.set(false);
    iterate();
  }

  @Override
  protected Action process() {
    settleWrite();
    while (true) {
      if (atEndOfFrame && !farewellSent || mayLeaveHere()) {
        return leave();
      }
      if (sourceEnded || farewellSent && frames.closed()) {
        return over();
      }
      int filled = ++rounds > MOST_ROUNDS ? 0 : fill();
      if (filled == 0) {
        rounds = 0;
        return await();
      }
      if (filled < 0) {
        sourceEnded = true;
        lastWords();
      } else if (farewellSent || sinkBroken) {
        frames.follow(read());
      } else if (relay()) {
        return Action.SCHEDULED;
      }
    }
  }

  private Action await() {
    release();
    if (interested.compareAndSet(false, true)) {
      // False from a connection whose predecessor waits for the same; it hands on what it is told.
      source.tryFillInterested(readable);
    }
    return Action.IDLE;
  }

  private boolean mayLeaveHere() {
    return farewell != null && !farewellSent && !closeRelayed && frames.between();
  }

  /** Writes the Close frame. */
  private Action leave() {
    release();
    farewellSent = true;
    CloseFrame frame = farewell;
    if (frame == null || sinkBroken) {
      written.succeeded();
    } else {
      sink.write(written, toBackend ? frame.toBackend() : frame.toClient());
    }
    tunnel.left();
    return Action.SCHEDULED;
  }

  /** The source is gone without a word: the sink gets one from us if a frame can be put here. */
  private void lastWords() {
    if (farewell == null && !sinkBroken && !closeRelayed && frames.between()) {
      farewell = tunnel.lastWords(this);
    }
  }

  /** Nothing more will come from the source. */
  private Action over() {
    release();
    if (!sourceEnded) {
      // It has answered our Close, and the end of its connection is ours to begin (RFC 6455, 7.1.1).
      source.shutdownOutput();
    }
    if (!sinkBroken) {
      sink.shutdownOutput();
    }
    tunnel.over(this);
    return Action.SUCCEEDED;
  }

  private int fill() {
    ByteBuffer first = early;
    if (first != null) {
      early = null;
      buffer = RetainableByteBuffer.wrap(first);
      return first.remaining();
    }
    RetainableByteBuffer filling = buffer;
    if (filling == null) {
      filling = buffers.acquire(BUFFER_BYTES, true);
      buffer = filling;
    }
    try {
      BufferUtil.clear(filling.getByteBuffer());
      return source.fill(filling.getByteBuffer());
    } catch (IOException e) {
      return -1;
    }
  }

  private ByteBuffer read() {
    return Objects.requireNonNull(buffer).getByteBuffer();
  }

  /** Writes what was read. False when there was nothing to write but the end of a frame is reached. */
  private boolean relay() {
    ByteBuffer read = read();
    boolean leaving = farewell != null;
    int end = leaving ? frames.followToEndOfFrame(read) : read.position();
    atEndOfFrame = leaving && frames.between() && !frames.closed();
    frames.follow(read.slice(end, read.limit() - end));
    if (atEndOfFrame) {
      read.limit(end);
    } else {
      closeRelayed = frames.closed();
    }
    writing = read.remaining();
    if (writing == 0) {
      return false;
    }
    // Before it is written: an end may have got it and be gone before the call is back.
    bytes.addAndGet(writing);
    total.add(writing);
    sink.write(written, read);
    return true;
  }

  private void settleWrite() {
    int wrote = writing;
    writing = 0;
    if (sinkBroken && wrote > 0) {
      bytes.addAndGet(-wrote);
      total.add(-wrote);
    }
  }

  private void release() {
    RetainableByteBuffer held = buffer;
    buffer = null;
    if (held != null) {
      held.release();
    }
  }

  @Override
  protected void onCompleteFailure(Throwable cause) {
    release();
    tunnel.failed(cause);
  }

  /** What the source's connection runs. */
  private final class Readable implements Callback {

    @Override
    public void succeeded() {
      onFillable();
    }

    @Override
    public void failed(Throwable cause) {
      // Reading tells what it is.
      onFillable();
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }

  /**
   * The end of a write. One that failed does not end the direction: its source may have more to say, or
   * leave.
   */
  private final class Written implements Callback {

    @Override
    public void succeeded() {
      Flow.this.succeeded();
    }

    @Override
    public void failed(Throwable cause) {
      sinkBroken = true;
      tunnel.sinkBroken(Flow.this);
      Flow.this.succeeded();
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }
}

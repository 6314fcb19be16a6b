package io.gatehouse.jetty.proxy;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Takes an answer from its backend as fast as it comes, whatever the pace of whoever reads it here: imgproxy ends an answer
 * that it has not got rid of after ten seconds, and a slow client would see a picture that breaks off.
 *
 * <p>Bounds: {@link #MOST_BYTES} of one answer, and of all together what their {@link Room} has. Beyond either the backend waits
 * for the reader, as it would without this.
 *
 * <p>Read by one thread at a time, as every source is. What is not read is let go by {@link #close}.
 */
final class ReadAhead implements Content.Source {

  /** How much of one answer is held: {@value} bytes. */
  static final long MOST_BYTES = 8 << 20;

  /** A piece counts as no less, because it holds the buffer in which it came. */
  private static final long LEAST_PIECE = 16 * 1024;

  /** What all answers together may hold. Any number of threads. */
  static final class Room {
    private final AtomicLong left;

    Room(long bytes) {
      left = new AtomicLong(bytes);
    }

    /** May go below nothing by one piece of each answer. */
    private void take(long bytes) {
      left.addAndGet(-bytes);
    }

    private void giveBack(long bytes) {
      left.addAndGet(bytes);
    }

    /** In bytes. */
    long left() {
      return left.get();
    }
  }

  private record Piece(Content.Chunk chunk, long bytes) {}

  private final Content.Source source;
  private final Room room;
  private final Runnable whenTaken;
  private final Invocable.Task pull = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::pull);
  /** How often it was called to go on and has not: while it goes, only counted. */
  private final AtomicInteger calls = new AtomicInteger();

  // All guarded by this.
  private final Queue<Piece> held = new ArrayDeque<>();
  private long heldBytes;
  private boolean begun;
  /** Whether nothing was asked of the source because too much is held. */
  private boolean full;
  private boolean closed;
  /** What comes behind all that is held; null when that is not known yet. */
  private Content.@Nullable Chunk end;
  private @Nullable Runnable demand;

  /** @param whenTaken is run once when all of the answer has come, read or not */
  ReadAhead(Content.Source source, Room room, Runnable whenTaken) {
    this.source = source;
    this.room = room;
    this.whenTaken = whenTaken;
  }

  @Override
  public long getLength() {
    return source.getLength();
  }

  @Override
  public Content.@Nullable Chunk read() {
    resume();
    Piece piece;
    Content.Chunk last;
    synchronized (this) {
      piece = held.poll();
      last = end;
      if (piece != null) {
        heldBytes -= piece.bytes();
        room.giveBack(piece.bytes());
      }
    }
    return piece == null ? last : piece.chunk();
  }

  @Override
  public void demand(Runnable ready) {
    boolean now;
    synchronized (this) {
      now = !held.isEmpty() || end != null;
      demand = now ? null : ready;
    }
    if (now) {
      ready.run();
    } else {
      resume();
    }
  }

  @Override
  public void fail(Throwable cause) {
    source.fail(cause);
    close();
  }

  /** Lets go of what was not read. A second call does nothing. */
  void close() {
    Queue<Piece> left;
    synchronized (this) {
      closed = true;
      left = new ArrayDeque<>(held);
      held.clear();
      heldBytes = 0;
    }
    for (Piece piece : left) {
      piece.chunk().release();
      room.giveBack(piece.bytes());
    }
  }

  /** Goes on with the source, where it has not begun or was left waiting. */
  private void resume() {
    synchronized (this) {
      boolean waits = full && (held.isEmpty() || heldBytes <= MOST_BYTES / 2);
      if (begun && !waits) {
        return;
      }
      begun = true;
      full = false;
    }
    pull();
  }

  private void pull() {
    if (calls.getAndIncrement() > 0) {
      return;
    }
    int seen;
    do {
      seen = calls.get();
      takeAll();
    } while (calls.addAndGet(-seen) > 0);
  }

  private void takeAll() {
    while (hasRoom()) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        source.demand(pull);
        return;
      }
      boolean whole = chunk.isLast() && !Content.Chunk.isFailure(chunk);
      Runnable ready = take(chunk);
      if (whole) {
        whenTaken.run();
      }
      if (ready != null) {
        ready.run();
      }
    }
  }

  private synchronized boolean hasRoom() {
    if (end != null) {
      return false;
    }
    // With nothing held one piece is taken in any case, or nobody would ever go on.
    full = !held.isEmpty() && (heldBytes >= MOST_BYTES || room.left() <= 0);
    return !full;
  }

  private @Nullable Runnable take(Content.Chunk chunk) {
    boolean letGo = !chunk.hasRemaining() && !Content.Chunk.isFailure(chunk);
    Runnable ready = null;
    synchronized (this) {
      if (chunk.isLast()) {
        end = Content.Chunk.isFailure(chunk) ? chunk : Content.Chunk.EOF;
      }
      if (closed) {
        letGo = true;
      } else if (!letGo && !(Content.Chunk.isFailure(chunk) && chunk.isLast())) {
        long bytes = Math.max(LEAST_PIECE, chunk.remaining());
        room.take(bytes);
        held.add(new Piece(chunk, bytes));
        heldBytes += bytes;
      }
      if (!held.isEmpty() || end != null) {
        ready = demand;
        demand = null;
      }
    }
    if (letGo) {
      chunk.release();
    }
    return ready;
  }
}

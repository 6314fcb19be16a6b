package io.gatehouse.core.cache;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an answer: one writes them, any number read them at the same time, each at its own pace.
 *
 * <p>While it is kept, all bytes are held and the writer need not wait for anybody. From {@link #passOn} on, what all
 * readers have read is let go, and the writer is to {@linkplain #room wait} for the slowest of them. What it holds is
 * reserved by whoever writes and given back once nobody holds it: who puts it somewhere or reads it {@link #retain retains}
 * it first and {@link #release releases} it once. It begins with one holder.
 *
 * <p>Any number of threads. Nothing blocks. Readers are told outside of all locks.
 */
public final class Body {

  /** How far the writer may be ahead of the slowest reader of a body that is passed on, in bytes: {@value}. */
  public static final long WINDOW = 256 * 1024;

  /** A piece and the way to the next one; nothing points back, so that what is read by all is garbage. */
  private static final class Piece {
    private final byte[] bytes;
    private volatile @Nullable Piece next;

    Piece(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  private final List<Reader> readers = new CopyOnWriteArrayList<>();

  /** Gives back what was reserved, when nobody holds it. */
  private final Runnable whenFree;

  /** Guarded by this. */
  private int holders = 1;

  /** Before the first piece; null once it is passed on. Guarded by this. */
  private @Nullable Piece root = new Piece(new byte[0]);

  /** Guarded by this. */
  private Piece last = Objects.requireNonNull(root);

  /** Guarded by this. */
  private @Nullable Runnable whenRoom;

  private volatile long length;
  private volatile boolean whole;
  private volatile @Nullable Throwable failure;

  /** @param whenFree is run once, when nobody holds it any more */
  public Body(Runnable whenFree) {
    this.whenFree = whenFree;
  }

  /** Whole from the beginning; for those who have read it from somewhere. */
  public static Body of(byte[] bytes, Runnable whenFree) {
    Body body = new Body(whenFree);
    body.add(bytes);
    body.end();
    return body;
  }

  /** Adds bytes, which belong to the body then; only the writer does. */
  public void add(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    Piece piece = new Piece(bytes);
    synchronized (this) {
      last.next = piece;
      last = piece;
      length += bytes.length;
    }
    tell();
  }

  /** All bytes are there. */
  public void end() {
    whole = true;
    tell();
  }

  /** There will be no more bytes, though some are missing. */
  public void fail(Throwable cause) {
    failure = cause;
    tell();
  }

  private void tell() {
    for (Reader reader : readers) {
      reader.more.run();
    }
  }

  /** How many bytes there are so far. */
  public long length() {
    return length;
  }

  public boolean isWhole() {
    return whole;
  }

  /** From now on nobody else may begin to read, and what was read by all is let go. */
  public synchronized void passOn() {
    root = null;
  }

  /**
   * Whether the writer may go on.
   *
   * @param whenRoom is run once when it may, if it may not now; on the thread of a reader
   */
  public boolean room(Runnable whenRoom) {
    synchronized (this) {
      if (root != null || hasRoom()) {
        return true;
      }
      this.whenRoom = whenRoom;
      return false;
    }
  }

  private boolean hasRoom() {
    long behind = length;
    for (Reader reader : readers) {
      behind = Math.min(behind, reader.position);
    }
    return length - behind < WINDOW;
  }

  private void moved() {
    Runnable resumed = null;
    synchronized (this) {
      if (whenRoom != null && hasRoom()) {
        resumed = whenRoom;
        whenRoom = null;
      }
    }
    if (resumed != null) {
      resumed.run();
    }
  }

  /** Holds it, for {@link #release} to be called once. False when it is gone. */
  public synchronized boolean retain() {
    if (holders == 0) {
      return false;
    }
    holders++;
    return true;
  }

  /** Lets it go. */
  public void release() {
    boolean free;
    synchronized (this) {
      free = --holders == 0;
      if (free) {
        root = null;
      }
    }
    if (free) {
      whenFree.run();
    }
  }

  /**
   * Begins to read from the first byte; null when that is gone. The reader must be closed; it holds the body until then.
   *
   * @param more is run whenever something may have changed; on the writer's thread, and must not block
   */
  public synchronized @Nullable Reader reader(Runnable more) {
    if (root == null || holders == 0) {
      return null;
    }
    holders++;
    Reader reader = new Reader(root, more);
    readers.add(reader);
    return reader;
  }

  /** Whether anybody holds it besides one, which the store is. */
  synchronized boolean isRead() {
    return holders > 1;
  }

  /** How many read. */
  public int readers() {
    return readers.size();
  }

  /** Reads in order; for one thread at a time. */
  public final class Reader {
    private final Runnable more;
    private Piece at;
    private volatile long position;
    private boolean closed;

    private Reader(Piece at, Runnable more) {
      this.at = at;
      this.more = more;
    }

    /** The next bytes, not to be changed; null when there are none now. */
    public byte @Nullable [] next() {
      Piece next = at.next;
      if (next == null) {
        return null;
      }
      at = next;
      position += next.bytes.length;
      moved();
      return next.bytes;
    }

    /** Whether all was read. */
    public boolean ended() {
      return whole && position == length;
    }

    /** Why there will be no more, once all that is there was read; null when there will, or all is read. */
    public @Nullable Throwable failure() {
      return at.next == null ? failure : null;
    }

    /** Reads no more. A second call does nothing. */
    public void close() {
      synchronized (Body.this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      readers.remove(this);
      moved();
      release();
    }
  }
}

package io.gatehouse.jetty.proxy;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to a backend: read from the client only when the backend takes it, never
 * held. Each attempt sees it through a view of its own, so that an attempt that fails does not take the body
 * with it.
 *
 * <p>Read by one thread at a time, which need not be the container's; told of arrivals by the container's.
 */
final class ClientBody implements ReadListener {

  /** Is told what ends a body before its time. */
  interface Owner {

    /** All of it came. */
    void whole();

    /** More came than is allowed. */
    void tooLarge();

    /** Too little came in the time that it was waited for. */
    void bodyLate();

    /** The client left, or sent what is no body. */
    void clientLeft(Throwable cause);
  }

  private final HttpServletRequest request;
  private final long length;
  private final long most;
  private final BodyPace pace;
  private final ByteBufferPool buffers;
  private final int bufferBytes;
  private final Owner owner;

  private volatile long bytes;
  private volatile boolean finished;
  private final AtomicBoolean whole = new AtomicBoolean();
  private volatile @Nullable Throwable failure;
  private volatile @Nullable ServletInputStream in;

  // Guarded by this.
  private boolean open;
  private boolean available;
  private @Nullable Runnable demand;

  /**
   * A body to be read later.
   *
   * @param most the most bytes that may come, 0: any number
   * @param pace how fast they have to come
   */
  ClientBody(HttpServletRequest request, long most, BodyPace pace, ByteBufferPool buffers, int bufferBytes,
      Owner owner) {
    this.request = request;
    length = request.getContentLengthLong();
    this.most = most;
    this.pace = pace;
    this.buffers = buffers;
    this.bufferBytes = bufferBytes;
    this.owner = owner;
  }

  /** Begins to listen to the client, which asks it for the body if it waits to be asked. */
  void open() {
    synchronized (this) {
      if (open) {
        return;
      }
      open = true;
    }
    try {
      // Not before: a container may ask the client for its body as soon as somebody asks for the stream.
      ServletInputStream opened = request.getInputStream();
      in = opened;
      opened.setReadListener(this);
    } catch (IOException | IllegalStateException e) {
      onError(e);
    }
  }

  long bytes() {
    return bytes;
  }

  boolean finished() {
    return finished;
  }

  /** Whether somebody wants more of the body and the client has not sent it yet. */
  synchronized boolean waitsForClient() {
    return demand != null;
  }

  /** Runs {@code ready} once when there is something to read, or the end. */
  void demand(Runnable ready) {
    synchronized (this) {
      if (!available && !finished && failure == null) {
        demand = ready;
        pace.waits();
        return;
      }
    }
    ready.run();
  }

  @Override
  public void onDataAvailable() {
    arrived();
  }

  @Override
  public void onAllDataRead() {
    finish();
    arrived();
  }

  @Override
  public void onError(Throwable cause) {
    broke(cause);
    arrived();
  }

  private void broke(Throwable cause) {
    failure = cause;
    if (Attempt.late(cause) || Attempt.late(cause.getCause())) {
      owner.bodyLate();
    } else {
      owner.clientLeft(cause);
    }
  }

  /**
   * Has the container see the end that the length says is there, so that it knows that the request is whole.
   */
  private void toTheEnd(ServletInputStream opened) throws IOException {
    if (opened.isReady() && opened.read(new byte[1], 0, 1) < 0) {
      finish();
    }
  }

  private void finish() {
    finished = true;
    if (whole.compareAndSet(false, true)) {
      owner.whole();
    }
  }

  private void arrived() {
    Runnable ready;
    synchronized (this) {
      available = true;
      ready = demand;
      demand = null;
      if (ready != null) {
        pace.waited();
      }
    }
    if (ready != null) {
      ready.run();
    }
  }

  private Content.@Nullable Chunk next() {
    if (failure != null) {
      return Content.Chunk.from(failure, true);
    }
    if (finished) {
      return Content.Chunk.EOF;
    }
    synchronized (this) {
      if (!available) {
        return null;
      }
      // Before the question: after a "no" the container may tell of an arrival at once, on another thread.
      available = false;
    }
    try {
      ServletInputStream opened = Objects.requireNonNull(in);
      if (!opened.isReady()) {
        return null;
      }
      Content.Chunk chunk = read(opened);
      synchronized (this) {
        available = true;
      }
      return chunk;
    } catch (IOException | IllegalStateException e) {
      broke(e);
      return Content.Chunk.from(e, true);
    }
  }

  private Content.Chunk read(ServletInputStream opened) throws IOException {
    RetainableByteBuffer buffer = buffers.acquire(bufferBytes, false);
    ByteBuffer bytesRead = buffer.getByteBuffer();
    int count;
    try {
      count = opened.read(bytesRead.array(), bytesRead.arrayOffset(), bufferBytes);
    } catch (IOException | RuntimeException e) {
      buffer.release();
      throw e;
    }
    if (count < 0) {
      buffer.release();
      finish();
      return Content.Chunk.EOF;
    }
    bytes += count;
    if (most > 0 && bytes > most) {
      buffer.release();
      failure = new IOException("request body: more than " + most + " bytes");
      owner.tooLarge();
      return Content.Chunk.from(failure, true);
    }
    if (pace.tooSlow(bytes)) {
      buffer.release();
      failure = new IOException("request body: too slow, " + bytes + " bytes so far");
      owner.bodyLate();
      return Content.Chunk.from(failure, true);
    }
    bytesRead.position(0).limit(count);
    if (bytes == length) {
      finished = true;
      toTheEnd(opened);
    }
    return Content.Chunk.asChunk(bytesRead, finished, buffer);
  }

  /** The body as one attempt sees it. */
  final class View implements Request.Content {

    private volatile @Nullable Throwable given;
    private final Gate gate;

    /** Closed at first if the backend must ask for the body. */
    View(Gate gate) {
      this.gate = Objects.requireNonNull(gate, "gate");
    }

    @Override
    public long getLength() {
      return length;
    }

    /** None: what the client said of it, or did not, is among the fields. */
    @Override
    public @Nullable String getContentType() {
      return null;
    }

    @Override
    public Content.@Nullable Chunk read() {
      Throwable cause = given;
      if (cause != null) {
        return Content.Chunk.from(cause, true);
      }
      return gate.open() ? next() : null;
    }

    @Override
    public void demand(Runnable ready) {
      gate.pass(() -> {
        if (given == null) {
          ClientBody.this.demand(ready);
        } else {
          ready.run();
        }
      });
    }

    @Override
    public void fail(Throwable cause) {
      given = cause == null ? new EOFException("given up") : cause;
    }
  }

  /** Holds a body back until the backend asks for it. */
  static final class Gate {

    /** Guarded by this. */
    private boolean open;
    /** Guarded by this. */
    private @Nullable Runnable waiting;

    Gate(boolean open) {
      this.open = open;
    }

    synchronized boolean open() {
      return open;
    }

    /** Runs {@code task} now, or when it opens. */
    void pass(Runnable task) {
      synchronized (this) {
        if (!open) {
          waiting = task;
          return;
        }
      }
      task.run();
    }

    /** Opens it for good. */
    void unlock() {
      Runnable task;
      synchronized (this) {
        open = true;
        task = waiting;
        waiting = null;
      }
      if (task != null) {
        task.run();
      }
    }
  }
}

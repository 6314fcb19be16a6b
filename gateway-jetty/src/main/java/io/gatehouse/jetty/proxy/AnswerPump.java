package io.gatehouse.jetty.proxy;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Carries the body of an answer from a backend to the client, as fast as the slower of the two. It waits for
 * one of them at a time: for the client to take what was written, or for the backend to send more; so only
 * one thread is ever in here, though not always the same one. Before it waits for the backend it flushes, and
 * so an event of a stream is with the client when the backend has sent it.
 */
final class AnswerPump implements WriteListener, Pump {

  private final ClientExchange exchange;
  private final Attempt attempt;
  private final Content.Source source;
  private final ServletOutputStream out;
  private final Invocable.Task pump = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::pump);

  private volatile boolean waitsForClient = true;
  /** What is being written; the container may look at its bytes until it is ready again. */
  private Content.@Nullable Chunk writing;
  /** What was read already while something else is being written. */
  private Content.@Nullable Chunk ahead;
  private boolean unflushed = true;

  AnswerPump(ClientExchange exchange, Attempt attempt, Content.Source source, ServletOutputStream out) {
    this.exchange = exchange;
    this.attempt = attempt;
    this.source = source;
    this.out = out;
  }

  @Override
  public void start() {
    try {
      out.setWriteListener(this);
    } catch (IllegalStateException e) {
      // The container has ended the answer.
      exchange.clientLeft(e);
    }
  }

  @Override
  public boolean waitsForClient() {
    return waitsForClient;
  }

  @Override
  public void onWritePossible() {
    pump();
  }

  @Override
  public void onError(Throwable cause) {
    exchange.clientLeft(cause);
  }

  private void pump() {
    try {
      while (!exchange.over()) {
        waitsForClient = true;
        if (!out.isReady()) {
          return;
        }
        waitsForClient = false;
        written();
        Content.Chunk chunk = next();
        if (chunk == null) {
          if (!unflushed) {
            source.demand(pump);
            return;
          }
          unflushed = false;
          out.flush();
        } else if (Content.Chunk.isFailure(chunk)) {
          if (!unflushed || !exchange.hasBegun()) {
            attempt.broke(chunk.getFailure());
            return;
          }
          // What came before the answer broke off is the client's.
          ahead = chunk;
          unflushed = false;
          out.flush();
        } else if (chunk.hasRemaining()) {
          // Before the client has the last byte and may leave, the backend's part must be over.
          ahead = chunk.isLast() ? Content.Chunk.EOF : source.read();
          if (ahead != null && isEnd(ahead)) {
            attempt.received();
          }
          writing = chunk;
          unflushed = true;
          write(chunk.getByteBuffer());
        } else {
          chunk.release();
          if (chunk.isLast()) {
            attempt.received();
            if (unflushed && exchange.lengthIsUnknown()) {
              // The container would say that there is nothing, which is not what a GET would get.
              unflushed = false;
              ahead = Content.Chunk.EOF;
              out.flush();
            } else {
              exchange.answered();
              return;
            }
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      // What is being written is not given back to its pool: the container may still hold it.
      exchange.clientLeft(e);
    }
  }

  private Content.@Nullable Chunk next() {
    attempt.moved();
    Content.Chunk chunk = ahead;
    ahead = null;
    return chunk == null ? source.read() : chunk;
  }

  private static boolean isEnd(Content.Chunk chunk) {
    return chunk.isLast() && !chunk.hasRemaining() && !Content.Chunk.isFailure(chunk);
  }

  private void written() {
    Content.Chunk chunk = writing;
    writing = null;
    if (chunk != null) {
      chunk.release();
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    if (bytes.hasArray()) {
      out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    } else {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      out.write(copy);
    }
  }
}

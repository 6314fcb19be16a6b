package io.gatehouse.jetty.proxy;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Carries the body of an answer from a backend to a {@link Fill}, as fast as it comes, or as whoever reads it lets it. One
 * thread at a time is in here, though not always the same one.
 */
final class FillPump implements Pump {

  private final Fill fill;
  private final Attempt attempt;
  private final Content.Source source;
  private final boolean wanted;
  private final Invocable.Task pump = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::pump);
  /** How often it was called to go on and has not: while it goes, only counted. */
  private final AtomicInteger calls = new AtomicInteger();

  private volatile boolean waitsForClient;
  /** What was read already while something else was not carried yet. */
  private Content.@Nullable Chunk ahead;

  /** @param wanted whether the bytes are of use */
  FillPump(Fill fill, Attempt attempt, Content.Source source, boolean wanted) {
    this.fill = fill;
    this.attempt = attempt;
    this.source = source;
    this.wanted = wanted;
  }

  @Override
  public void start() {
    pump();
  }

  @Override
  public boolean waitsForClient() {
    return waitsForClient;
  }

  private void pump() {
    if (calls.getAndIncrement() > 0) {
      return;
    }
    int seen;
    do {
      seen = calls.get();
      carry();
    } while (calls.addAndGet(-seen) > 0);
  }

  private void carry() {
    while (!fill.over()) {
      waitsForClient = true;
      if (!fill.room(this::resume)) {
        return;
      }
      waitsForClient = false;
      attempt.moved();
      Content.Chunk chunk = next();
      if (chunk == null) {
        source.demand(pump);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        attempt.broke(chunk.getFailure());
        return;
      }
      // Before a client has the last byte and may ask again, the backend's part must be over.
      boolean last = isLast(chunk);
      if (last) {
        attempt.received();
      }
      if (wanted && chunk.hasRemaining()) {
        ByteBuffer bytes = chunk.getByteBuffer();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        chunk.release();
        fill.received(copy);
      } else {
        chunk.release();
      }
      if (last) {
        fill.complete();
        return;
      }
    }
    if (ahead != null) {
      ahead.release();
      ahead = null;
    }
  }

  private Content.@Nullable Chunk next() {
    Content.Chunk chunk = ahead;
    ahead = null;
    return chunk == null ? source.read() : chunk;
  }

  private boolean isLast(Content.Chunk chunk) {
    if (!chunk.isLast()) {
      ahead = source.read();
    }
    return chunk.isLast()
        || ahead != null && ahead.isLast() && !ahead.hasRemaining() && !Content.Chunk.isFailure(ahead);
  }

  /** On the thread of a reader, which has its own client to look after. */
  private void resume() {
    fill.forwarding().http().getExecutor().execute(pump);
  }
}

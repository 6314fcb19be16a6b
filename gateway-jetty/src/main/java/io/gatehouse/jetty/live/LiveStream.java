package io.gatehouse.jetty.live;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One who looks: an answer of events that does not end. Nothing is kept for a reader who does not take what was sent.
 *
 * <p>The container tells when it can be written to for the first time; from then on one thread at a time writes.
 */
final class LiveStream implements WriteListener, AsyncListener {

  private final AsyncContext context;
  private final ServletOutputStream out;
  private final Consumer<LiveStream> opened;
  private final Consumer<LiveStream> gone;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();

  /**
   * Takes over an answer whose head is set.
   *
   * @param opened told once, when it can be written to
   * @param gone told once, when it is over
   */
  LiveStream(AsyncContext context, Consumer<LiveStream> opened, Consumer<LiveStream> gone) throws IOException {
    this.context = context;
    this.out = context.getResponse().getOutputStream();
    this.opened = opened;
    this.gone = gone;
  }

  void begin() {
    try {
      context.setTimeout(0);
      context.addListener(this);
      out.setWriteListener(this);
    } catch (IllegalStateException e) {
      finish(); // the client has left meanwhile
    }
  }

  /** Sends something whole, or nothing: false when the reader has not taken all that was sent before, or is gone. */
  boolean send(byte[] text) {
    try {
      if (over.get() || !out.isReady()) {
        return false;
      }
      out.write(text);
      if (out.isReady()) {
        out.flush();
      }
      return true;
    } catch (IOException | IllegalStateException e) {
      finish();
      return false;
    }
  }

  /** Ends the answer; a second call does nothing. */
  void finish() {
    if (over.compareAndSet(false, true)) {
      gone.accept(this);
      try {
        context.complete();
      } catch (IllegalStateException e) {
        // The container has ended it by itself.
      }
    }
  }

  @Override
  public void onWritePossible() {
    if (begun.compareAndSet(false, true)) {
      opened.accept(this);
    }
  }

  @Override
  public void onError(Throwable cause) {
    finish();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    finish();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    finish();
  }

  @Override
  public void onError(AsyncEvent event) {
    finish();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // Nothing starts it again.
  }
}

package io.gatehouse.jetty.proxy;

import io.gatehouse.core.cache.Body;
import io.gatehouse.core.cache.ByteRange;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes a body, or a part of it, to one client at its pace. Of an answer that has begun and breaks off, what came before goes
 * out first. One thread at a time is in here, though not always the same
 * one: the container's when the client can take more, another when there is more to write.
 */
final class BodyWriter implements WriteListener {

  private final Visit visit;
  private final Visit.Form form;
  private final HttpServletResponse response;
  private final Executor executor;
  /** How often it was called to go on and has not: while it goes, only counted. */
  private final AtomicInteger calls = new AtomicInteger();

  /** How many bytes are not written before the first that is. */
  private long skip;

  private long left;

  /** Null when nothing is to be written. */
  private Body.@Nullable Reader reader;

  /** Null before it begins. */
  private volatile @Nullable ServletOutputStream out;

  /** Whether the container has said that something may be written. */
  private volatile boolean started;

  private boolean unflushed = true;

  /** One that has not begun. */
  BodyWriter(Visit visit, Visit.Form form, HttpServletResponse response, Executor executor) {
    this.visit = visit;
    this.form = form;
    this.response = response;
    this.executor = executor;
    ByteRange range = form.range();
    skip = range == null ? 0 : range.first();
    left = form.empty() ? 0 : range == null ? Long.MAX_VALUE : range.length();
  }

  /** Takes the body to write, before anything else; false when its beginning is gone. */
  boolean takes(Body body) {
    if (!form.empty()) {
      reader = body.reader(this::more);
    }
    return form.empty() || reader != null;
  }

  Visit.Form form() {
    return form;
  }

  void start() {
    try {
      ServletOutputStream opened = response.getOutputStream();
      out = opened;
      opened.setWriteListener(this);
    } catch (IOException | IllegalStateException e) {
      // The container has ended the answer.
      visit.left(e);
    }
  }

  /** Reads no more. A second call does nothing. */
  void close() {
    if (reader != null) {
      reader.close();
    }
  }

  private void more() {
    if (calls.get() == 0) {
      executor.execute(this::go);
    } else {
      go();
    }
  }

  @Override
  public void onWritePossible() {
    started = true;
    go();
  }

  @Override
  public void onError(Throwable cause) {
    visit.left(cause);
  }

  private void go() {
    if (!started || calls.getAndIncrement() > 0) {
      return;
    }
    int seen;
    do {
      seen = calls.get();
      try {
        write();
      } catch (IOException | RuntimeException e) {
        visit.left(e);
      }
    } while (calls.addAndGet(-seen) > 0);
  }

  private void write() throws IOException {
    ServletOutputStream to = Objects.requireNonNull(out);
    while (!visit.over()) {
      if (!to.isReady()) {
        return;
      }
      byte[] bytes = left == 0 || reader == null ? null : reader.next();
      if (bytes != null) {
        write(bytes, to);
      } else if (left == 0 || reader == null || reader.ended()) {
        visit.answered();
      } else if (reader.failure() != null && !(unflushed && response.isCommitted())) {
        visit.broke(reader.failure());
      } else if (unflushed) {
        unflushed = false;
        to.flush();
      } else {
        return;
      }
    }
  }

  private void write(byte[] bytes, ServletOutputStream to) throws IOException {
    int begin = (int) Math.min(skip, bytes.length);
    skip -= begin;
    int length = (int) Math.min(left, bytes.length - begin);
    if (length > 0) {
      left -= length;
      unflushed = true;
      to.write(bytes, begin, length);
    }
  }
}

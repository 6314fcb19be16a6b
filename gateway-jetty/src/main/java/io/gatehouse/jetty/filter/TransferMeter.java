package io.gatehouse.jetty.filter;

import io.gatehouse.Admission;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bodies of one request and its answer, and tells the gateway whenever {@value #PIECE} bytes were transferred
 * since it was told last: before they are written, so that of what was told as beyond a quota nothing is sent, and after
 * they were read. So at any moment less than a piece of each request is not accounted for, besides what one reading has
 * brought. Any number of threads.
 */
final class TransferMeter {

  /** How much may be transferred untold, in bytes: {@value}. */
  static final int PIECE = 256 * 1024;

  private final Admission.Admitted admitted;

  /** Nothing is sent in answer to HEAD, whatever is written (RFC 9110, 9.3.2). */
  private final boolean answerHasBody;

  private final AtomicLong read = new AtomicLong();
  private final AtomicLong written = new AtomicLong();

  /** Of both together, at what sum it is told next. */
  private final AtomicLong next = new AtomicLong(PIECE);

  /** Whether the gateway has said to break off. */
  private volatile boolean cut;

  TransferMeter(Admission.Admitted admitted, boolean answerHasBody) {
    this.admitted = admitted;
    this.answerHasBody = answerHasBody;
  }

  long requestBytes() {
    return read.get();
  }

  long responseBytes() {
    return answerHasBody ? written.get() : 0;
  }

  /** Whether the answer was broken off for a quota. */
  boolean isCut() {
    return cut;
  }

  /**
   * Counts what was read.
   *
   * @throws IOException when the gateway wants no more of it
   */
  void read(long bytes) throws IOException {
    read.addAndGet(bytes);
    tellIfDue();
  }

  /**
   * Counts what is about to be written.
   *
   * @throws IOException when it must not be written, and then it is not counted
   */
  void writing(long bytes) throws IOException {
    written.addAndGet(bytes);
    try {
      tellIfDue();
    } catch (IOException e) {
      written.addAndGet(-bytes);
      throw e;
    }
  }

  /** Takes off what could not be written after all. */
  void notWritten(long bytes) {
    written.addAndGet(-bytes);
  }

  /** Takes off all that was written, since it was dropped before it was sent. */
  void dropWritten() {
    written.set(0);
  }

  private void tellIfDue() throws IOException {
    long sum = requestBytes() + responseBytes();
    long due = next.get();
    if (sum >= due && next.compareAndSet(due, sum + PIECE) && !admitted.transferred(requestBytes(), responseBytes())) {
      cut = true;
    }
    if (cut) {
      throw new IOException("a quota is used up");
    }
  }
}

package io.gatehouse.core.sql;

import java.util.function.Supplier;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/** Several things that one thread does in one transaction; see {@link SqlDatabase#together}. For that thread. */
public final class Joint {

  private @Nullable DSLContext transaction;
  private @Nullable Object result;

  /** What the work has thrown; the database is not to be blamed for it. */
  private @Nullable RuntimeException thrown;

  /** How the connection was lost. */
  private @Nullable RuntimeException lost;

  private boolean undone;

  Joint() {}

  /** Asks for all changes to be undone when the work is done; its result is returned all the same. */
  public void undo() {
    undone = true;
  }

  void open(DSLContext fresh) {
    transaction = fresh;
  }

  DSLContext transaction() {
    DSLContext open = transaction;
    if (open == null) {
      throw new IllegalStateException("not open");
    }
    return open;
  }

  /** Remembers that the connection was lost, which {@link #run} then throws. */
  void lost(RuntimeException failure) {
    lost = failure;
  }

  /** Does the work; what it throws is kept for {@link #result}. */
  void run(Supplier<?> work) {
    try {
      result = work.get();
    } catch (RuntimeException e) {
      thrown = e;
    }
    if (lost != null) {
      throw lost;
    }
  }

  boolean keeps() {
    return thrown == null && !undone;
  }

  @SuppressWarnings("unchecked") // of the one call that made this
  <T> T result() {
    if (thrown != null) {
      throw thrown;
    }
    return (T) result;
  }
}

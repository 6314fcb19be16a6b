package io.gatehouse.jetty.live;

import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens while somebody looks, and while nobody does costs a request one read of a field. Any number of
 * threads.
 */
public final class LiveCounts implements Observer {

  private final UnaryOperator<String> safePath;
  private final InstantSource clock;

  /** Null while nobody looks. */
  private volatile @Nullable Tally tally;

  /**
   * Counts nothing yet.
   *
   * @param safePath leaves out of a path what is secret, such as a key that somebody has put there
   */
  public LiveCounts(UnaryOperator<String> safePath, InstantSource clock) {
    this.safePath = Objects.requireNonNull(safePath, "safePath");
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /** Counts from now on, from zero. */
  Tally begin() {
    Tally fresh = new Tally();
    tally = fresh;
    return fresh;
  }

  void end() {
    tally = null;
  }

  @Override
  public void refused(Passage passage, Refusal refusal) {
    Tally current = tally;
    if (current != null) {
      current.refused(Refused.of(passage, refusal, clock.instant(), safePath));
    }
  }

  @Override
  public void wouldRefuse(Passage passage, Refusal refusal) {
    Tally current = tally;
    if (current != null) {
      current.wouldRefuse.increment();
    }
  }

  @Override
  public void completed(Passage passage, Outcome outcome) {
    Tally current = tally;
    if (current != null) {
      current.completed(passage.subject().map(Subject::user).orElse(""), outcome);
    }
  }
}

package io.gatehouse.core.redis;

import io.gatehouse.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts questions that many threads have at the same time into one call.
 *
 * <p>A thread that finds fewer than {@value #MOST_CALLS} calls under way makes its own, at once and on its own: there is no
 * hand-over for who comes alone. Whoever comes while so many are under way waits in a line. A call that ends passes its
 * place on to the first in line, who takes the next {@value #MOST_TOGETHER} along, asks for all of them and wakes them. So
 * the busier the store, the more questions share a round trip, and no thread works for the others longer than one call.
 * (Flat combining: Hendler, Incze, Shavit and Tzafrir, 2010.)
 *
 * <p>Waiting in line is like waiting for a free connection and ends within the same time. In a line of
 * {@value #MOST_WAITING} nobody else can stand: who comes then asks alone. A call that fails, fails for those whose
 * questions were in it and for nobody else. Threads are not interrupted by being interrupted; the mark stays.
 */
final class Combiner<Q, A> {

  /** How many calls may be under way at once: while one is answered another is written. */
  static final int MOST_CALLS = 2;

  /** How many questions go into one call. */
  static final int MOST_TOGETHER = 64;

  /** How long the line may be. */
  static final int MOST_WAITING = 1024;

  private final Function<List<Q>, List<A>> store;
  private final Duration patience;

  /** Guarded by this. Only while all calls are under way is anybody in line. */
  private final ArrayDeque<Member<Q, A>> line = new ArrayDeque<>();

  /** Guarded by this. */
  private int underWay;

  /**
   * A combiner before a store.
   *
   * @param store answers several questions in order, or throws; may block
   * @param patience how long to wait in line
   */
  Combiner(Function<List<Q>, List<A>> store, Duration patience) {
    this.store = store;
    this.patience = patience;
  }

  /** Asks, together with others or alone. */
  A ask(Q question) {
    Member<Q, A> member = new Member<>(question);
    switch (enter(member)) {
      case LEADS -> lead(member);
      case WAITS -> await(member);
      default -> {
        return store.apply(List.of(question)).get(0);
      }
    }
    return member.answer();
  }

  private synchronized State enter(Member<Q, A> member) {
    if (underWay < MOST_CALLS) {
      underWay++;
      return State.LEADS;
    }
    if (line.size() == MOST_WAITING) {
      return State.ASKS_ALONE;
    }
    line.add(member);
    return State.WAITS;
  }

  private void await(Member<Q, A> member) {
    boolean interrupted = false;
    long start = System.nanoTime();
    while (member.state == State.WAITS) {
      long left = patience.toNanos() - (System.nanoTime() - start);
      if (left <= 0 && leave(member)) {
        member.state = State.DONE;
        member.failure = new StoreException("No turn to ask the store within " + patience);
      } else {
        LockSupport.parkNanos(this, Math.max(left, 1));
        interrupted |= Thread.interrupted();
      }
    }
    if (member.state == State.LEADS) {
      lead(member);
    }
    while (member.state != State.DONE) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean leave(Member<Q, A> member) {
    return line.remove(member);
  }

  private void lead(Member<Q, A> first) {
    List<Member<Q, A>> batch = gather(first);
    List<Q> questions = new ArrayList<>(batch.size());
    batch.forEach(member -> questions.add(member.question));
    List<A> answers = null;
    RuntimeException failure = null;
    try {
      answers = store.apply(questions);
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      passOn();
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).done(answers == null ? null : answers.get(i), failure);
      }
    }
  }

  private synchronized List<Member<Q, A>> gather(Member<Q, A> first) {
    List<Member<Q, A>> batch = new ArrayList<>();
    batch.add(first);
    while (batch.size() < MOST_TOGETHER && !line.isEmpty()) {
      Member<Q, A> next = line.remove();
      next.state = State.ASKED_FOR;
      batch.add(next);
    }
    return batch;
  }

  /** The place of a call that has ended goes to the first in line, or becomes free. */
  private void passOn() {
    Member<Q, A> next;
    synchronized (this) {
      next = line.poll();
      if (next == null) {
        underWay--;
        return;
      }
      next.state = State.LEADS;
    }
    LockSupport.unpark(next.thread);
  }

  private enum State { LEADS, WAITS, ASKED_FOR, DONE, ASKS_ALONE }

  private static final class Member<Q, A> {
    private final Q question;
    private final Thread thread = Thread.currentThread();

    /** Leaves WAITS under the lock of the combiner; becomes DONE after the answer is written. */
    private volatile State state = State.WAITS;

    private @Nullable A answer;
    private @Nullable RuntimeException failure;

    Member(Q question) {
      this.question = question;
    }

    void done(@Nullable A itsAnswer, @Nullable RuntimeException itsFailure) {
      answer = itsAnswer;
      failure = itsFailure;
      state = State.DONE;
      if (thread != Thread.currentThread()) {
        LockSupport.unpark(thread);
      }
    }

    A answer() {
      if (answer != null) {
        return answer;
      }
      // Of several threads each throws an exception of its own, with the trace of where it was asked.
      String why = failure == null ? "The call was cut off" : failure.getMessage();
      throw new StoreException(why, failure);
    }
  }
}

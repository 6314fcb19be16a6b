package io.gatehouse.jetty.seat;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps that a thread takes when it has heard out a backend, in the place of waking another thread for each: what a
 * container has to do for a request because of what the backend has said. Nothing is left when the thread goes on to something
 * else. Any number of threads; what the steps do may block.
 */
public final class Afterwards {

  private static final Logger log = LoggerFactory.getLogger(Afterwards.class);

  private static final ThreadLocal<@Nullable Queue<Runnable>> STEPS = new ThreadLocal<>();

  private Afterwards() {}

  /** Runs a task, and then the steps that were {@linkplain #take given} to this thread meanwhile, and what those give. */
  public static void of(Runnable hearing) {
    if (STEPS.get() != null) {
      hearing.run(); // the steps belong to whoever began
      return;
    }
    Queue<Runnable> steps = new ArrayDeque<>(2);
    STEPS.set(steps);
    try {
      for (Runnable step = hearing; step != null; step = steps.poll()) {
        run(step);
      }
    } finally {
      STEPS.remove();
    }
  }

  /** One that fails does not keep the next from its turn. */
  private static void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      log.warn("A step of a request failed", e);
    }
  }

  /** Leaves a step to this thread. False when it does not hear a backend at the moment, and somebody else has to take it. */
  public static boolean take(Runnable step) {
    Queue<Runnable> steps = STEPS.get();
    return steps != null && steps.add(step);
  }
}

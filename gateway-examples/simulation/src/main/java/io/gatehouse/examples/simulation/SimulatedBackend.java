package io.gatehouse.examples.simulation;

import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntConsumer;

/** A backend with a few workers and a line before them, and a mood. */
final class SimulatedBackend {

  /** How it behaves. */
  enum Mood {
    WELL,
    /** Refuses connections, those of probes as well. */
    REFUSES,
    /** Answers 503 at once; probes are answered well. */
    ANSWERS_503,
    /** Takes everything and answers nothing. */
    SILENT
  }

  /** What a reply is when the connection was refused. */
  static final int REFUSED = 0;

  private static final int WORKERS = 8;
  private static final long AT_ONCE_NANOS = Timeline.MILLI;

  private final Timeline timeline;
  private final Upstream upstream;
  private final Queue<Runnable> line = new ArrayDeque<>();
  private Mood mood = Mood.WELL;
  private int slowness = 1;
  private int busy;
  private long received;

  SimulatedBackend(Timeline timeline, String name) {
    this.timeline = timeline;
    this.upstream =
        new Upstream(URI.create("http://" + name + ".test:8080"), 1, Upstream.State.ENABLED, Duration.ofSeconds(30));
  }

  Upstream upstream() {
    return upstream;
  }

  Mood mood() {
    return mood;
  }

  long received() {
    return received;
  }

  void become(Mood changed) {
    mood = changed;
    if (changed == Mood.REFUSES) {
      line.clear();
    }
  }

  /** From now on work takes so many times as long. */
  void slowDown(int factor) {
    slowness = factor;
  }

  /**
   * Takes a request.
   *
   * @param workNanos how long a worker is busy with it
   * @param reply is given the status, or {@link #REFUSED}
   */
  void receive(long workNanos, IntConsumer reply) {
    received++;
    switch (mood) {
      case REFUSES -> timeline.after(AT_ONCE_NANOS, () -> reply.accept(REFUSED));
      case ANSWERS_503 -> timeline.after(AT_ONCE_NANOS, () -> reply.accept(503));
      case SILENT -> { }
      case WELL -> {
        line.add(() -> timeline.after(workNanos * slowness, () -> done(reply)));
        next();
      }
    }
  }

  private void done(IntConsumer reply) {
    busy--;
    switch (mood) {
      case REFUSES -> reply.accept(REFUSED);
      case SILENT -> { }
      default -> reply.accept(200);
    }
    next();
  }

  private void next() {
    while (busy < WORKERS && !line.isEmpty()) {
      busy++;
      line.remove().run();
    }
  }
}

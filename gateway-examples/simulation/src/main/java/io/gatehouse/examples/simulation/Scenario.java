package io.gatehouse.examples.simulation;

import static io.gatehouse.examples.simulation.Timeline.SECOND;

import io.gatehouse.examples.simulation.SimulatedBackend.Mood;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the first of four backends while requests come at {@value #PER_SECOND} a second.
 *
 * @param name for files
 * @param sentence what happens
 * @param slowStart of the pool
 * @param heavyPercent how many of the requests are {@value #HEAVY} times the work
 * @param script makes things happen
 */
record Scenario(
    String name,
    String sentence,
    Duration slowStart,
    int heavyPercent,
    BiConsumer<Timeline, SimulatedBackend> script) {

  static final int SECONDS = 60;
  static final int PER_SECOND = 300;
  static final int BACKENDS = 4;
  static final int HEAVY = 20;

  static final List<Scenario> ALL = List.of(
      new Scenario("steady", "Nothing happens.", Duration.ZERO, 0, (timeline, first) -> { }),
      new Scenario("slow", "From second 20 on the first backend takes ten times as long.", Duration.ZERO, 0,
          (timeline, first) -> timeline.after(20 * SECOND, () -> first.slowDown(10))),
      new Scenario("fast-503", "From second 20 to 40 the first backend answers 503 at once; its probes are well.",
          Duration.ZERO, 0, moods(second -> second == 20 ? Mood.ANSWERS_503 : second == 40 ? Mood.WELL : null)),
      new Scenario("black-hole", "From second 20 on the first backend takes everything and answers nothing.",
          Duration.ZERO, 0, moods(second -> second == 20 ? Mood.SILENT : null)),
      new Scenario("recovery", "The first backend is gone from second 10 to 30 and for 10 s a quarter as fast after that;"
          + " slow start is 10 s.", Duration.ofSeconds(10), 0, (timeline, first) -> {
            timeline.after(10 * SECOND, () -> first.become(Mood.REFUSES));
            timeline.after(30 * SECOND, () -> first.become(Mood.WELL));
            timeline.after(30 * SECOND, () -> first.slowDown(4));
            timeline.after(40 * SECOND, () -> first.slowDown(1));
          }),
      new Scenario("flapping", "From second 10 to 50 the first backend is gone for two of every five seconds.",
          Duration.ZERO, 0, moods(second -> second < 10 || second > 50 ? null
              : second % 5 == 0 && second < 50 ? Mood.REFUSES : second % 5 == 2 ? Mood.WELL : null)),
      new Scenario("uneven", "One request in twenty is twenty times the work, as large pictures are.",
          Duration.ZERO, 5, (timeline, first) -> { }));

  private static BiConsumer<Timeline, SimulatedBackend> moods(IntFunction<@Nullable Mood> atSecond) {
    return (timeline, first) -> {
      for (int second = 0; second < SECONDS; second++) {
        Mood mood = atSecond.apply(second);
        if (mood != null) {
          timeline.after(second * SECOND, () -> first.become(mood));
        }
      }
    };
  }
}

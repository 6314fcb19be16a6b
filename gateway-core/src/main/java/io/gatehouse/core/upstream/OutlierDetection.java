package io.gatehouse.core.upstream;

import java.time.Duration;
import java.util.Objects;

/**
 * When a backend is ejected for what it answers, whatever its probes say. The n-th ejection in a row lasts n times the
 * base; every span of the base without one takes one off again. Envoy's outlier detection is the source.
 *
 * @param consecutiveFailures faults in a row that eject; 0: never
 * @param baseEjection how long the first ejection lasts, more than zero
 * @param maxEjection how long any lasts at the most, no less than the base
 * @param maxEjectedShare how much of the pool may be ejected at once, in per cent, 0 to 100; one backend may be in any
 *     case, but never the last that is of use
 * @param answers which answers are faults
 */
public record OutlierDetection(
    int consecutiveFailures,
    Duration baseEjection,
    Duration maxEjection,
    int maxEjectedShare,
    AnswerRule answers) {

  /** Five in a row; 30 s, up to 5 min; half of the pool; answers are imgproxy's. */
  public static final OutlierDetection DEFAULT =
      new OutlierDetection(5, Duration.ofSeconds(30), Duration.ofMinutes(5), 50, AnswerRule.IMGPROXY);

  public OutlierDetection {
    Check.within(consecutiveFailures, 0, Integer.MAX_VALUE, "consecutiveFailures");
    Check.positive(baseEjection, "baseEjection");
    if (maxEjection.compareTo(baseEjection) < 0) {
      throw new IllegalArgumentException(
          "maxEjection: " + maxEjection + " (expected: no less than baseEjection, " + baseEjection + ")");
    }
    Check.within(maxEjectedShare, 0, 100, "maxEjectedShare");
    Objects.requireNonNull(answers, "answers");
  }
}

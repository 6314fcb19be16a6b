package io.gatehouse.core.upstream;

import java.time.Duration;

/**
 * How answers are read: what a status says depends on who speaks. Failures without an answer (refused, reset, silent)
 * are faults under any rule and are not asked about here.
 */
public enum AnswerRule {

  /**
   * imgproxy speaks of the source of the picture with 404, 422, 502 and 504, and of its full queue with 429. So a
   * tenant whose origin is dead never speaks against a backend. 500 is its own failure. With 503 it gives up a picture
   * that took too long ({@code IMGPROXY_TIMEOUT}, 10 s), which is the picture's fault as likely as the host's and says
   * nothing; a 503 that comes sooner than {@value #PICTURE_SECONDS} s cannot be that one, and is a fault.
   */
  IMGPROXY {
    @Override
    public Verdict verdict(int status, Duration elapsed) {
      if (status == 429) {
        return Verdict.FULL;
      }
      boolean soon = elapsed.compareTo(Duration.ofSeconds(PICTURE_SECONDS)) < 0;
      if (status == 500 || status == 503 && soon) {
        return Verdict.FAULT;
      }
      return status < 400 ? Verdict.WELL : Verdict.NOTHING;
    }
  },

  /** Any other service: 502, 503 and 504 are faults (what is behind it is its own affair), 500 is the request's. */
  HTTP {
    @Override
    public Verdict verdict(int status, Duration elapsed) {
      return switch (status) {
        case 429 -> Verdict.FULL;
        case 502, 503, 504 -> Verdict.FAULT;
        default -> status < 500 ? Verdict.WELL : Verdict.NOTHING;
      };
    }
  };

  /** What no picture is given up before: {@value} s. */
  static final int PICTURE_SECONDS = 1;

  /**
   * What an answer says.
   *
   * @param status 100 to 599
   * @param elapsed from the pick to the head of the answer
   */
  public abstract Verdict verdict(int status, Duration elapsed);
}

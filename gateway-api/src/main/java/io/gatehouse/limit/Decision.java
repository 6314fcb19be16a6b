package io.gatehouse.limit;

/** What a limiter decided of a list of charges. */
public sealed interface Decision {

  /** What is told in place of a wait that nobody can foretell, that for a permit of a {@link Algorithm#CONCURRENCY}: 1 s. */
  long UNFORESEEABLE_NANOS = 1_000_000_000L;

  /** How the decision was made, and so how far it can be off. */
  enum Mode {
    /** By the one count that all nodes share, or by this node when it is the only one. */
    EXACT,
    /** From permits that this node had taken in advance. */
    LEASED,
    /** By this node alone because the shared count is away. */
    LOCAL
  }

  /** When allowed, the charge that leaves the fewest permits; when denied, the one that must wait the longest. */
  Charge tightest();

  /** Permits left in the tightest bucket after this decision, 0 or more. */
  long remaining();

  /** Nanoseconds until the tightest bucket is full again if nothing more is taken, 0 or more. */
  long resetAfterNanos();

  Mode mode();

  /** All charges were taken. */
  record Allowed(Charge tightest, long remaining, long resetAfterNanos, Mode mode) implements Decision {}

  /**
   * Nothing was taken.
   *
   * @param retryAfterNanos how long until all the same charges would pass if nothing else is taken, more than 0;
   *     {@link Long#MAX_VALUE} when the cost is above the burst and so never; {@link #UNFORESEEABLE_NANOS} when nobody knows
   */
  record Denied(Charge tightest, long remaining, long retryAfterNanos, long resetAfterNanos, Mode mode)
      implements Decision {}
}

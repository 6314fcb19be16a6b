package io.gatehouse.core.abuse;

import io.gatehouse.access.Block;
import java.time.Instant;
import java.util.Objects;

/**
 * What somebody is suspended for.
 *
 * @param kind what {@code value} is: a network or a key
 * @param value as {@link Block#value}
 * @param cause what they did
 * @param reason the same with the number that was passed, for administrators
 * @param at when
 */
public record Offence(Block.Kind kind, String value, Cause cause, String reason, Instant at) {

  /** What callers are suspended for. */
  public enum Cause {
    /** An address has sent too many keys that are none. */
    BAD_KEYS,
    /** An address went on although it was refused again and again. */
    ADDRESS_REFUSALS,
    /** A key went on although it was refused again and again. */
    KEY_REFUSALS,
    /** A key was used many times as often as before. */
    SPIKE
  }

  public Offence {
    value = Block.canonical(kind, value);
    Objects.requireNonNull(cause, "cause");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(at, "at");
  }
}

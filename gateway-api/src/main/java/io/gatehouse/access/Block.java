package io.gatehouse.access;

import io.gatehouse.Enforcement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who is kept out, for good or for a while, whatever else they may do.
 *
 * @param id of the block, 1 to 64 letters and digits
 * @param kind what {@code value} is
 * @param value who; a network in CIDR form as {@link Cidr#toString} writes it, so that every spelling of one network is the
 *     same block; a country by its two letters (ISO 3166-1 alpha-2); or the id of a key or a user
 * @param reason for administrators, never for callers: at most {@value #LONGEST_REASON} characters, no control characters
 * @param enforcement in the shadow it lets everybody pass and is only counted
 * @param source who made it
 * @param createdAt when it was made, or began again; in milliseconds, finer parts are cut off
 * @param expiresAt when it ends by itself, exclusive, in milliseconds; empty: never
 * @param strikes how often in a row the gateway has made it; 0 for an administrator's
 */
public record Block(
    String id,
    Kind kind,
    String value,
    String reason,
    Enforcement enforcement,
    Source source,
    Instant createdAt,
    Optional<Instant> expiresAt,
    int strikes) {

  /** The most characters of a reason: {@value}. */
  public static final int LONGEST_REASON = 500;

  private static final Pattern ID = Pattern.compile("[0-9A-Za-z]{1,64}");
  private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");
  private static final int LONGEST_OWNER = 256;

  /** What is blocked. */
  public enum Kind {
    /** An address, or all addresses of a network. */
    NETWORK,
    /** All addresses of a country, as far as it is known of them. */
    COUNTRY,
    /** One key; its successors and predecessors are other keys. */
    KEY,
    /** A user with all keys. */
    USER
  }

  /** Who made a block. */
  public enum Source {
    ADMINISTRATOR,
    /** The gateway itself, for what a caller has done. */
    AUTOMATIC
  }

  public Block {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("id: " + id + " (expected: 1 to 64 letters and digits)");
    }
    value = canonical(kind, value);
    if (reason.length() > LONGEST_REASON || reason.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "reason: " + reason.length() + " characters (expected: at most " + LONGEST_REASON
              + ", and no control characters)");
    }
    Objects.requireNonNull(enforcement, "enforcement");
    Objects.requireNonNull(source, "source");
    createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
    expiresAt = expiresAt.map(moment -> moment.truncatedTo(ChronoUnit.MILLIS));
    if (strikes < 0) {
      throw new IllegalArgumentException("strikes: " + strikes + " (expected: 0 or more)");
    }
  }

  /**
   * The one way to write a value.
   *
   * @throws IllegalArgumentException when it is none of that kind
   */
  public static String canonical(Kind kind, String value) {
    switch (kind) {
      case NETWORK -> {
        return Cidr.parse(value).toString();
      }
      case COUNTRY -> {
        if (!COUNTRY.matcher(value).matches()) {
          throw new IllegalArgumentException("value: " + value + " (expected: two capital letters such as DE)");
        }
      }
      default -> {
        if (value.isEmpty() || value.length() > LONGEST_OWNER || value.chars().anyMatch(Character::isISOControl)) {
          throw new IllegalArgumentException(
              "value: " + value.length() + " characters (expected: the id of a key or user)");
        }
      }
    }
    return value;
  }

  /** Whether it has not ended at a moment. */
  public boolean inForceAt(Instant moment) {
    return expiresAt.isEmpty() || expiresAt.get().isAfter(moment);
  }

  /** The same with another reason. */
  public Block withReason(String value) {
    return new Block(id, kind, this.value, value, enforcement, source, createdAt, expiresAt, strikes);
  }

  /** The same, in the shadow or not. */
  public Block withEnforcement(Enforcement value) {
    return new Block(id, kind, this.value, reason, value, source, createdAt, expiresAt, strikes);
  }

  /** The same with another end. */
  public Block withExpiresAt(Optional<Instant> value) {
    return new Block(id, kind, this.value, reason, enforcement, source, createdAt, value, strikes);
  }
}

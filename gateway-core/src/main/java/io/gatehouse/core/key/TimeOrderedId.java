package io.gatehouse.core.key;

import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * Makes ids that sort by the time of their making: 48 bits of milliseconds and 80 random bits, as 26 characters of
 * Crockford's base 32 (the form known as ULID).
 */
public final class TimeOrderedId {

  private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final int TIME_LENGTH = 10;
  private static final int LENGTH = 26;
  private static final SecureRandom RANDOM = new SecureRandom();

  private TimeOrderedId() {}

  /** A new id. Ids of the same millisecond have no order among them. */
  public static String next(InstantSource clock) {
    char[] id = new char[LENGTH];
    long millis = clock.millis();
    for (int i = TIME_LENGTH - 1; i >= 0; i--) {
      id[i] = DIGITS[(int) (millis & 31)];
      millis >>>= 5;
    }
    for (int i = TIME_LENGTH; i < LENGTH; i++) {
      id[i] = DIGITS[RANDOM.nextInt(DIGITS.length)];
    }
    return new String(id);
  }
}

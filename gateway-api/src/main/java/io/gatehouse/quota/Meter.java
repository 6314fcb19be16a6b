package io.gatehouse.quota;

import java.util.Locale;

/** What is counted. */
public enum Meter {
  /** Requests that were admitted and answered. */
  REQUESTS,
  /** Bytes of bodies in both directions, as really transferred. */
  BYTES,
  /** Bytes of request bodies, as really received. */
  REQUEST_BYTES,
  /** Bytes of bodies of answers, as really sent. */
  RESPONSE_BYTES,
  /** Pixels of the images that were made: width times height of each. */
  PIXELS,
  /** Bytes that are held at the moment: a gauge, which falls when something is deleted. */
  STORED_BYTES;

  /** Pixels in a megapixel, the unit for people: {@value}. */
  public static final long MEGAPIXEL = 1_000_000;

  /** What requests move; false for what is only held, which no request is charged for. */
  public boolean isTransferred() {
    return this != STORED_BYTES;
  }

  /** An amount for people, in the unit that they count in: {@code 500}, {@code 12.5 megapixels}. */
  public String text(long amount) {
    if (this != PIXELS) {
      return Long.toString(amount);
    }
    long tenths = amount / (MEGAPIXEL / 10);
    return tenths / 10 + (tenths % 10 == 0 ? "" : "." + tenths % 10) + " megapixels";
  }

  /** Its part of the names of rules: {@code response-bytes}. */
  String policy() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

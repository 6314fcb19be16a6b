package io.gatehouse.quota;

/** What is counted. */
public enum Meter {
  /** Requests that were admitted and answered. */
  REQUESTS,
  /** Bytes of bodies in both directions, as really transferred. */
  BYTES
}

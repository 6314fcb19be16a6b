package io.gatehouse.core.upstream;

/** What is known of a backend's health. */
public enum Health {
  /** Nothing yet: the first probe has not come back. Gets requests. */
  UNCHECKED,
  HEALTHY,
  /** Failed too often in a row. Gets no requests until enough probes in a row succeed. */
  UNHEALTHY
}

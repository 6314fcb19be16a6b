package io.gatehouse.examples.benchmarks.proxy;

/** What Gatehouse does to a request besides forwarding it. */
enum Policies {
  /** Nothing that can be switched off: no key, no limit, no quota, no metrics, no access log. */
  NONE,
  /**
   * A key in a field, a list of networks, limits of the address, the user (two windows) and the API, two quotas,
   * metering, metrics, and an access log in JSON; counts in memory, the rest in SQLite.
   */
  ALL,
  /** The same, with limits counted in Redis and everything else in PostgreSQL. */
  SHARED
}

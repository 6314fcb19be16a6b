package io.gatehouse.core.settings;

import java.time.Duration;

/**
 * Which requests are kept in the database, a row each.
 *
 * @param enabled whether any; default false
 * @param sample which share of them, 0 to 1; default 1
 * @param alwaysErrors whether all that were refused, or answered with 500 and above; default true
 * @param query whether the query is kept with the path; default false
 * @param keep for how long, 1 h to 400 d; default 7 d
 * @param maxRowsPerSecond how many one node writes at the most; default 1,000
 */
public record RequestLogSettings(
    boolean enabled, double sample, boolean alwaysErrors, boolean query, Duration keep, long maxRowsPerSecond) {}

package io.gatehouse.core.settings;

import java.time.Duration;
import java.util.Optional;

/**
 * Where users, keys, limits and usage are kept.
 *
 * @param driver which database; default SQLite, or PostgreSQL when the dsn begins with {@code postgres}
 * @param dsn with PostgreSQL its address, never empty: {@code postgres://user:password@host:5432/name},
 *     {@code postgresql://...} or {@code jdbc:postgresql://...}; with SQLite the path of its file, empty for one in the
 *     data directory
 * @param maxConnections the largest number of connections, 1 to 1000; default 10
 * @param connectTimeout how long to wait for a connection, 1 ms to 5 min; default 2 s
 * @param queryTimeout how long one statement may take, 1 ms to 5 min; default 2 s
 */
public record DatabaseSettings(
    Driver driver, Optional<Secret> dsn, int maxConnections, Duration connectTimeout, Duration queryTimeout) {

  /** The databases that can be used. */
  public enum Driver { SQLITE, POSTGRES }
}

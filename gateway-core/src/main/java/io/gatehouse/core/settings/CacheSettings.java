package io.gatehouse.core.settings;

/**
 * Where answers of backends are kept, for all routes that say so together.
 *
 * @param memoryBytes how many bytes of them in memory, 0 to 1 TiB; default 64 MiB
 * @param diskBytes how many below the data directory as well, 0 to 1024 TiB; default 0
 */
public record CacheSettings(long memoryBytes, long diskBytes) {}

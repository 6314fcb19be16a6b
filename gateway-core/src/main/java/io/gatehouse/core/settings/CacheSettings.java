package io.gatehouse.core.settings;

/**
 * Where answers of backends are kept, for all routes that say so together.
 *
 * @param memoryBytes how many bytes of them in memory, 0 to 1 TiB; default 64 MiB
 */
public record CacheSettings(long memoryBytes) {}

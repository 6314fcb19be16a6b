package io.gatehouse.core.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where backends are looked for besides those that are named.
 *
 * @param dns a host and its port, every address of which is a backend; default none
 * @param srv the name of SRV records, each of which is a backend; default none
 * @param file a file with a backend in every line; default none
 * @param interval how often it is looked, 100 ms to 1 d; default 5 s
 * @param pool the name of the pool that they belong to; default {@code default}
 */
public record DiscoverySettings(
    Optional<String> dns, Optional<String> srv, Optional<Path> file, Duration interval, String pool) {}

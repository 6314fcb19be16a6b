package io.gatehouse.core.settings;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How callers are known.
 *
 * @param required whether a request without a key is refused; default true
 * @param queryParameter the query parameter that may hold a key; default none may
 * @param keyPrefix what new keys begin with, 1 to 10 lower-case letters; default {@code gk}
 * @param environment the second part of new keys, 1 to 10 lower-case letters; default {@code live}
 * @param pepper what keys are hashed with, at least 32 characters; empty: one that is made once in the data directory
 * @param pepperVersion the number of that pepper, which is kept with every digest, 1 to 1,000,000; default 1
 * @param otherPeppers peppers, by number, under which keys are looked for as well; default none besides those in the data
 *     directory
 * @param importedKeys a regular expression that keys of others match as a whole; default none, only keys of our
 *     own form are looked for
 * @param cacheSize how many keys are remembered in memory, 0 to 100,000,000; default 100,000
 * @param cacheTtl how long a known key is believed before the database is asked again, 1 ms to 1 d; default 60 s
 * @param negativeTtl how long an unknown key is believed to be unknown, 1 ms to 1 h; default 5 s
 * @param staleFor how long known keys keep working while the database is away, 0 to 30 d; default 1 h
 * @param warmKeys how many of the keys that were used last are looked up at the start, 0 to 1,000,000; default 1,000
 */
public record AuthSettings(
    boolean required,
    Optional<String> queryParameter,
    String keyPrefix,
    String environment,
    Optional<Secret> pepper,
    int pepperVersion,
    Map<Integer, Secret> otherPeppers,
    Optional<String> importedKeys,
    long cacheSize,
    Duration cacheTtl,
    Duration negativeTtl,
    Duration staleFor,
    int warmKeys) {}

package io.gatehouse.core.settings;

import java.time.Duration;
import java.util.Optional;

/**
 * How backends are probed.
 *
 * @param path what is asked of a backend; default {@code /health}
 * @param renderPath a picture that is asked of it as well; default none
 * @param timeout how long its answer may take, 1 ms to 1 h, no longer than any backend's interval; default 2 s
 * @param fastInterval how often a backend is probed while its state is changing, 10 ms to 1 h; default 1 s
 * @param unhealthyAfter how many failures in a row take it out, 1 to 100; default 3
 * @param healthyAfter how many successes in a row bring it back, 1 to 100; default 2
 */
public record HealthCheckSettings(
    String path, Optional<String> renderPath, Duration timeout, Duration fastInterval,
    int unhealthyAfter, int healthyAfter) {}

package io.gatehouse.core.settings;

import java.time.Duration;

/**
 * How requests are sent to backends.
 *
 * @param connectTimeout how long to connect, 1 ms to 1 h; default 2 s
 * @param responseTimeout how long until the answer begins, 1 ms to 1 d; default 30 s
 * @param idleTimeout how long an answer or upload may stand still, 1 ms to 1 d; default 30 s
 * @param websocketIdleTimeout how long nothing may move through a WebSocket, 1 ms to 1 d; default 5 m
 * @param maxConnections the largest number of connections to one backend, 1 to 65535; default 1024
 * @param maxAttempts how many backends are tried for one request, 1 to 10; default 3
 */
public record ProxySettings(
    Duration connectTimeout,
    Duration responseTimeout,
    Duration idleTimeout,
    Duration websocketIdleTimeout,
    int maxConnections,
    int maxAttempts) {}

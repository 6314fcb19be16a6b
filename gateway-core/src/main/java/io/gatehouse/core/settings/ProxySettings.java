package io.gatehouse.core.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How requests are sent to backends.
 *
 * @param connectTimeout how long to connect, 1 ms to 1 h; default 2 s
 * @param responseTimeout how long until the answer begins, 1 ms to 1 d; default 30 s
 * @param idleTimeout how long an answer or upload may stand still, 1 ms to 1 d; default 30 s
 * @param websocketIdleTimeout how long nothing may move through a WebSocket, 1 ms to 1 d; default 5 m
 * @param totalTimeout how long a request may take in all, zero for no limit, up to 1 d; default zero
 * @param hedgeAfter how long a backend may take to begin to answer a GET or HEAD until another one is asked besides, zero
 *     for never, up to 1 d; default zero
 * @param maxConnections the largest number of connections to one backend, 1 to 65535; default 1024
 * @param maxAttempts how many backends are tried for one request, 1 to 10; default 3
 * @param caCertificates the PEM file of the authorities that certify {@code https} backends; empty: those of Java
 * @param verify whether certificate and name of {@code https} backends are checked; default true
 * @param imgproxyDebugFields what becomes of the debug fields in imgproxy's answers; default they pass
 */
public record ProxySettings(
    Duration connectTimeout,
    Duration responseTimeout,
    Duration idleTimeout,
    Duration websocketIdleTimeout,
    Duration totalTimeout,
    Duration hedgeAfter,
    int maxConnections,
    int maxAttempts,
    Optional<Path> caCertificates,
    boolean verify,
    DebugFields imgproxyDebugFields) {

  /** What becomes of {@code X-Origin-*} and {@code X-Result-*}. */
  public enum DebugFields {
    /** The client does not see them. */
    CONSUME,
    /** The client sees them. */
    PASS
  }

  public ProxySettings {
    Objects.requireNonNull(caCertificates, "caCertificates");
  }
}

package io.gatehouse.core.settings;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How administration is reached.
 *
 * @param listen the address and port of administration and metrics, not looked up yet; empty: the server's own
 * @param tls whether {@code listen} speaks TLS, as the server does; default false
 * @param token what administrators show, at least 16 characters; empty: one that is made once in the data directory
 * @param registrationToken what backends show that register themselves, at least 16 characters and not the other token;
 *     empty: only administrators register backends
 * @param console whether the console is served; default true
 * @param auditKeep how long it is remembered who changed what; default 400 days
 */
public record AdminSettings(
    Optional<InetSocketAddress> listen,
    boolean tls,
    Optional<Secret> token,
    Optional<Secret> registrationToken,
    boolean console,
    Duration auditKeep) {}

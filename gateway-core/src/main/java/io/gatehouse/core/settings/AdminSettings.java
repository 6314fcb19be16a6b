package io.gatehouse.core.settings;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * How administration is reached.
 *
 * @param listen the address and port of administration and metrics, not looked up yet; empty: the server's own
 * @param token what administrators show, at least 16 characters; empty: one that is made once in the data directory
 */
public record AdminSettings(Optional<InetSocketAddress> listen, Optional<Secret> token) {}

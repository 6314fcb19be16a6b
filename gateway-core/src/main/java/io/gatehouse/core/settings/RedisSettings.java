package io.gatehouse.core.settings;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Where limits are counted for all nodes.
 *
 * @param address the server, not looked up yet; the port is 6379 when none is written
 * @param password empty when Redis asks for none
 * @param db the number of its database, 0 to 65535; default 0
 * @param cluster whether the server is a node of a Redis Cluster; default false
 * @param timeout how long to connect or to wait for an answer, 1 ms to 1 min; default 100 ms
 * @param maxConnections the largest number of connections, 1 to 10000; default 32
 */
public record RedisSettings(
    InetSocketAddress address, Optional<Secret> password, int db, boolean cluster, Duration timeout, int maxConnections) {}

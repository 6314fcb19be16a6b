package io.gatehouse.core.settings;

import io.gatehouse.access.Cidr;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How clients are served.
 *
 * @param host the address to listen on; default {@code 0.0.0.0}, all of them
 * @param port the port to listen on, 0 to 65535, 0 for any free one; default 8080
 * @param readTimeout how long to wait for the next bytes of a request, for the whole of its head and for a TLS
 *     handshake, 1 ms to 1 d; default 30 s
 * @param writeTimeout how long a client may take to accept the next bytes of an answer, 1 ms to 1 d; default 30 s
 * @param idleTimeout how long a connection may rest between requests, 1 ms to 1 d; default 60 s
 * @param shutdownTimeout how long requests under way may take to end when the server stops, 0 to 1 h; default 30 s
 * @param drainDelay how long a server that is to stop says so before it takes no more connections, 0 to 1 h; default 0
 * @param reloadInterval how often the file of settings is looked at, 0 for never, up to 1 d; default 0
 * @param maxRequestBodyBytes the largest request body, 0 for no cap; default 0
 * @param minBodyRate bytes a second that a body must bring once it was waited for 10 s in all, 0 for any;
 *     default 240
 * @param maxHeaderBytes the largest head of a request, 1 KiB to 1 MiB; default 16 KiB
 * @param trustedProxies whose forwarded headers are believed; default nobody's
 * @param http2 whether clients may speak HTTP/2; default true
 * @param tls how the port speaks TLS; empty: it does not
 */
public record ServerSettings(
    String host,
    int port,
    Duration readTimeout,
    Duration writeTimeout,
    Duration idleTimeout,
    Duration shutdownTimeout,
    Duration drainDelay,
    Duration reloadInterval,
    long maxRequestBodyBytes,
    long minBodyRate,
    int maxHeaderBytes,
    List<Cidr> trustedProxies,
    boolean http2,
    Optional<TlsSettings> tls) {

  public ServerSettings {
    trustedProxies = List.copyOf(trustedProxies);
    Objects.requireNonNull(tls, "tls");
  }
}

package io.gatehouse.jetty.proxy;

import io.gatehouse.core.tls.Trust;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients for the backends. In Jetty how long a connection may take belongs to a client, so there is one for each such
 * time; they share threads, clock and buffers, which are those of the first. Each has connections of its own.
 *
 * <p>For one thread at a time.
 */
final class Clients {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  /** In the order in which they were started. */
  private final Map<Kind, HttpClient> started = new LinkedHashMap<>();

  /** What belongs to a client, and not to one request. Trust is the same only where it is the same object. */
  private record Kind(
      Duration connectTimeout, Duration pooledIdleTime, int mostConnections, int bufferBytes, Trust trust) {

    static Kind of(ProxySettings settings) {
      return new Kind(settings.connectTimeout(), settings.pooledIdleTime(), settings.mostConnections(),
          settings.bufferBytes(), settings.trust());
    }
  }

  /**
   * The client for these settings, started.
   *
   * @throws IllegalStateException when it does not start
   */
  HttpClient of(ProxySettings settings) {
    return started.computeIfAbsent(Kind.of(settings), this::start);
  }

  private HttpClient start(Kind kind) {
    HttpClient client = client(kind);
    try {
      client.start();
    } catch (Exception e) {
      throw new IllegalStateException("The client for the backends does not start", e);
    }
    client.getContentDecoderFactories().clear();
    client.getProtocolHandlers().clear();
    client.getProtocolHandlers().put(new InterimAnswers());
    return client;
  }

  private HttpClient client(Kind kind) {
    SslContextFactory.Client tls = new SslContextFactory.Client();
    tls.setSslContext(kind.trust().context());
    tls.setEndpointIdentificationAlgorithm(kind.trust().verified() ? "HTTPS" : null);
    ClientConnector connector = new ClientConnector();
    connector.setSslContextFactory(tls);
    connector.setConnectTimeout(kind.connectTimeout());
    HttpClientTransportOverHTTP transport = new WaryTransport(connector);
    transport.setHeaderCacheCaseSensitive(true);
    HttpClient client = new HttpClient(transport);
    if (started.isEmpty()) {
      QueuedThreadPool threads = new QueuedThreadPool();
      threads.setName("gatehouse-proxy");
      threads.setDaemon(true);
      client.setExecutor(threads);
    } else {
      // Running already, and so left to the first one to stop.
      HttpClient first = started.values().iterator().next();
      client.setExecutor(first.getExecutor());
      client.setScheduler(first.getScheduler());
      client.setByteBufferPool(first.getByteBufferPool());
      connector.setSelectors(1);
    }
    client.setName("gatehouse-proxy");
    client.setConnectTimeout(kind.connectTimeout().toMillis());
    client.setAddressResolutionTimeout(kind.connectTimeout().toMillis());
    client.setIdleTimeout(kind.pooledIdleTime().toMillis());
    client.setMaxConnectionsPerDestination(kind.mostConnections());
    client.setRequestBufferSize(kind.bufferBytes());
    client.setResponseBufferSize(kind.bufferBytes());
    client.setMaxRequestHeadersSize(UpstreamServlet.MOST_HEAD_BYTES);
    client.setMaxResponseHeadersSize(UpstreamServlet.MOST_HEAD_BYTES);
    client.setUseInputDirectByteBuffers(false);
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setUserAgentField(null);
    client.setDefaultRequestContentType(null);
    client.setDestinationIdleTimeout(60_000);
    return client;
  }

  /** Stops all of them, the one last whose threads the others use. */
  void stop() {
    HttpClient[] clients = started.values().toArray(HttpClient[]::new);
    for (int i = clients.length - 1; i >= 0; i--) {
      try {
        clients[i].stop();
      } catch (Exception e) {
        log.warn("A client for the backends did not stop cleanly", e);
      }
    }
    started.clear();
  }
}

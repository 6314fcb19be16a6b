package io.gatehouse.jetty.proxy;

import io.gatehouse.core.tls.Trust;
import io.gatehouse.jetty.seat.GuestConnector;
import io.gatehouse.jetty.seat.Seat;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients for the backends. In Jetty how long a connection may take belongs to a client, so there is one for each such
 * time; they share threads, clock and buffers, which belong to none of them. Each has connections of its own. One that no
 * lane needs any more is stopped when the last of what it carries is over.
 *
 * <p>Any number of threads.
 */
final class Clients {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  private final QueuedThreadPool threads = new QueuedThreadPool();
  private final Scheduler scheduler = new ScheduledExecutorScheduler("gatehouse-proxy-scheduler", true);
  private final ByteBufferPool buffers = new ArrayByteBufferPool();

  private final InvocationType ends;

  /** Those that are wanted; guarded by this. */
  private final Map<Kind, Client> wanted = new LinkedHashMap<>();

  /** All that are not stopped; guarded by this. */
  private final Set<HttpClient> running = new LinkedHashSet<>();

  /** What belongs to a client, and not to one request. */
  private record Kind(
      Duration connectTimeout, Duration pooledIdleTime, int mostConnections, int bufferBytes, Trust trust) {

    static Kind of(ProxySettings settings) {
      return new Kind(settings.connectTimeout(), settings.pooledIdleTime(), settings.mostConnections(),
          settings.bufferBytes(), settings.trust());
    }
  }

  /** @param ends whether what is done when an answer is complete may wait for something */
  Clients(InvocationType ends) {
    this.ends = ends;
  }

  /**
   * Starts what all clients share.
   *
   * @throws IllegalStateException when it does not start
   */
  void start() {
    threads.setName("gatehouse-proxy");
    threads.setDaemon(true);
    try {
      threads.start();
      scheduler.start();
    } catch (Exception e) {
      throw new IllegalStateException("The threads for the backends do not start", e);
    }
  }

  /**
   * The client for these settings, started; wanted until {@link #wantOnly} says otherwise.
   *
   * @throws IllegalStateException when it does not start
   */
  synchronized Client want(ProxySettings settings) {
    return wanted.computeIfAbsent(Kind.of(settings), this::start);
  }

  /** No clients but those for these settings are wanted any more. */
  synchronized void wantOnly(Collection<ProxySettings> all) {
    Set<Kind> needed = all.stream().map(Kind::of).collect(Collectors.toSet());
    wanted.entrySet().removeIf(each -> {
      boolean needless = !needed.contains(each.getKey());
      if (needless) {
        each.getValue().unwanted();
      }
      return needless;
    });
  }

  /** A client of the same kind as one that was stopped, for one request that came late; the caller owes {@link Client#ended}. */
  synchronized Client late(ProxySettings settings) {
    Client client = wanted.get(Kind.of(settings));
    if (client != null && client.began()) {
      return client;
    }
    Client once = start(Kind.of(settings));
    once.began();
    once.unwanted();
    return once;
  }

  private Client start(Kind kind) {
    HttpClient client = client(kind);
    try {
      client.start();
    } catch (Exception e) {
      throw new IllegalStateException("The client for the backends does not start", e);
    }
    client.getContentDecoderFactories().clear();
    client.getProtocolHandlers().clear();
    client.getProtocolHandlers().put(new InterimAnswers());
    running.add(client);
    return new Client(client, this::stopSoon);
  }

  private HttpClient client(Kind kind) {
    SslContextFactory.Client tls = new SslContextFactory.Client();
    tls.setSslContext(kind.trust().context());
    tls.setEndpointIdentificationAlgorithm(kind.trust().verified() ? "HTTPS" : null);
    ClientConnector connector = new GuestConnector();
    connector.setSslContextFactory(tls);
    connector.setConnectTimeout(kind.connectTimeout());
    connector.setSelectors(1); // for those without a seat
    HttpClientTransportOverHTTP transport = new WaryTransport(connector);
    transport.setHeaderCacheCaseSensitive(true);
    transport.setInvocationType(ends);
    transport.setConnectionPoolFactory(destination ->
        new DuplexConnectionPool(destination, share(kind.mostConnections(), destination.getOrigin().getTag())));
    HttpClient client = new HttpClient(transport);
    // Running already, and so left alone by a client that stops.
    client.setExecutor(threads);
    client.setScheduler(scheduler);
    client.setByteBufferPool(buffers);
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

  /** How many of the connections to a backend may take one seat. */
  private static int share(int most, @Nullable Object seat) {
    return seat instanceof Seat one ? most / one.among() : most;
  }

  /** Not on the thread of the last request, which is one of the client's own and would wait for itself. */
  private void stopSoon(HttpClient client) {
    threads.execute(() -> stop(client));
  }

  private void stop(HttpClient client) {
    synchronized (this) {
      if (!running.remove(client)) {
        return;
      }
    }
    try {
      client.stop();
    } catch (Exception e) {
      log.warn("A client for the backends did not stop cleanly", e);
    }
  }

  /** How many are not stopped. */
  synchronized int running() {
    return running.size();
  }

  /** Stops all of them, and what they share. */
  void stop() {
    List<HttpClient> all;
    synchronized (this) {
      all = List.copyOf(running);
      wanted.clear();
    }
    all.forEach(this::stop);
    LifeCycle.stop(scheduler);
    LifeCycle.stop(threads);
  }
}

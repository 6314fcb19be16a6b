package io.gatehouse.jetty.server;

import io.gatehouse.core.settings.ServerSettings;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.SessionContainer;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Connectors that let a request target through as it was sent. Jetty is as strict as it comes in all that frames a
 * message, and stays so; only what makes a path ambiguous for file systems is allowed, because nothing is looked up by
 * path here: {@code //}, {@code %2F}, {@code %25}, {@code %5C}, {@code ;}, and octets that are not UTF-8. What is no URI
 * at all (RFC 3986) stays refused. Dot segments are refused by the gateway filter.
 *
 * <p>HTTP/2 is spoken on the same port: over TLS when ALPN chooses it, in clear text when the client begins with it
 * (prior knowledge) or asks for it ({@code Upgrade: h2c}).
 */
final class Connectors {

  private static final UriCompliance TARGETS =
      UriCompliance.DEFAULT.with(
          "GATEHOUSE",
          UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT,
          UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
          UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING,
          UriCompliance.Violation.AMBIGUOUS_PATH_PARAMETER,
          UriCompliance.Violation.SUSPICIOUS_PATH_CHARACTERS,
          UriCompliance.Violation.BAD_UTF8_ENCODING,
          UriCompliance.Violation.TRUNCATED_UTF8_ENCODING);

  /** More than a backend may send, since we add to it. */
  private static final int MOST_HEAD_BYTES = 160 * 1024;

  /**
   * What clients may send of bodies that nobody has taken yet, for each stream and each connection: what Envoy advises
   * at the edge. With more, a thousand idle uploads fill the heap.
   */
  private static final int STREAM_WINDOW = 64 * 1024;
  private static final int CONNECTION_WINDOW = 1024 * 1024;

  /** How many times the allowed head is looked at before the connection is ended. */
  private static final int HEAD_ROOM = 4;

  /** So many connections may wait to be taken, for when a crowd of clients comes back at once. */
  private static final int ACCEPT_QUEUE = 1024;

  private Connectors() {}

  /** In clear text. */
  static ServerConnector plain(Server server, ServerSettings settings) {
    HttpConfiguration http = http(settings);
    List<ConnectionFactory> protocols = new ArrayList<>();
    protocols.add(new WatchfulHttpConnectionFactory(http));
    if (settings.http2()) {
      protocols.add(http2(settings, WatchfulHttp2ConnectionFactory.IN_CLEAR_TEXT));
    }
    return connector(server, settings, protocols);
  }

  /** Over TLS. */
  static ServerConnector secure(Server server, ServerSettings settings, SslContextFactory.Server tls) {
    HttpConfiguration http = http(settings);
    List<ConnectionFactory> protocols = new ArrayList<>();
    if (settings.http2()) {
      ALPNServerConnectionFactory choice = new ALPNServerConnectionFactory();
      choice.setDefaultProtocol(HttpVersion.HTTP_1_1.asString());
      protocols.add(then(tls, choice.getProtocol()));
      protocols.add(choice);
      protocols.add(http2(settings, WatchfulHttp2ConnectionFactory.OVER_TLS));
    } else {
      protocols.add(then(tls, HttpVersion.HTTP_1_1.asString()));
    }
    protocols.add(new WatchfulHttpConnectionFactory(http));
    ServerConnector connector = connector(server, settings, protocols);
    connector.addBean(new HandshakeLimit(connector.getScheduler(), settings.readTimeout()));
    return connector;
  }

  private static SslConnectionFactory then(SslContextFactory.Server tls, String protocol) {
    SslConnectionFactory secured = new SslConnectionFactory(tls, protocol);
    // It would refuse hosts that the certificate does not name, such as a probe's by address. Which host is asked
    // decides nothing here.
    secured.setEnsureSecureRequestCustomizer(false);
    return secured;
  }

  private static HttpConfiguration http(ServerSettings settings) {
    HttpConfiguration http = new HttpConfiguration();
    http.setUriCompliance(TARGETS);
    // Jetty's default ends a line at a bare LF, where others before or behind us may see a longer line.
    http.setHttpCompliance(HttpCompliance.STRICT);
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(settings.maxHeaderBytes());
    http.setMaxResponseHeaderSize(MOST_HEAD_BYTES);
    // A value that is known in another case would be told in the known one.
    http.setHeaderCacheCaseSensitive(true);
    http.setIdleTimeout(settings.readTimeout().toMillis());
    http.setHeaderCacheSize(0); // it takes 25 KB of each connection that is kept, which 10,000 idle ones do not pay back
    http.addCustomizer(Connectors::corrected);
    return http;
  }

  /** About what the head would be in HTTP/1.1. */
  private static long bytes(Request request) {
    long bytes = request.getMethod().length() + request.getHttpURI().toString().length();
    for (HttpField field : request.getHeaders()) {
      bytes += field.getName().length() + (field.getValue() == null ? 0 : field.getValue().length()) + 4;
    }
    return bytes;
  }

  private static ServerConnector connector(Server server, ServerSettings settings, List<ConnectionFactory> protocols) {
    ServerConnector connector = new SeatingConnector(
        server, Runtime.getRuntime().availableProcessors(), protocols.toArray(ConnectionFactory[]::new));
    connector.setIdleTimeout(settings.idleTimeout().toMillis());
    connector.setReuseAddress(true);
    connector.setAcceptQueueSize(ACCEPT_QUEUE);
    return connector;
  }

  /**
   * The parser of HTTP/2 ends the whole connection over a head that is too large, and all that is under way on it. So it
   * takes some more than is allowed, and what is between is answered with 431.
   */
  private static ConnectionFactory http2(ServerSettings settings, String protocol) {
    HttpConfiguration http = http(settings);
    http.setRequestHeaderSize(HEAD_ROOM * settings.maxHeaderBytes());
    http.addCustomizer((request, responseHeaders) -> {
      if (bytes(request) > settings.maxHeaderBytes()) {
        throw new HttpException.RuntimeException(HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
      }
      return request;
    });
    WatchfulHttp2ConnectionFactory http2 = new WatchfulHttp2ConnectionFactory(http, protocol);
    http2.setInitialStreamRecvWindow(STREAM_WINDOW);
    http2.setInitialSessionRecvWindow(CONNECTION_WINDOW);
    http2.setConnectProtocolEnabled(false); // there is nothing here to tunnel to
    return http2;
  }

  /**
   * Puts right what HTTP/2 says otherwise than HTTP/1.1, and what a client may write that it cannot know. An absolute target
   * of HTTP/1.1 keeps its scheme, for {@link TargetHandler} to refuse one that is not the connection's.
   */
  private static Request corrected(Request request, HttpFields.Mutable responseHeaders) {
    HttpURI uri = request.getHttpURI();
    // The scheme is what the connection speaks. Clients of HTTP/2 behind a proxy may write another one.
    HttpScheme scheme = request.getConnectionMetaData().isSecure() ? HttpScheme.HTTPS : HttpScheme.HTTP;
    boolean http2 = request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2;
    boolean authority = http2 && uri.hasAuthority();
    if (!authority && (scheme.is(uri.getScheme()) || !http2 && uri.getScheme() != null)) {
      return request;
    }
    HttpURI its = scheme.is(uri.getScheme()) ? uri : HttpURI.build(uri).scheme(scheme).asImmutable();
    // Who turns HTTP/2 into HTTP/1.1 makes Host of :authority, whatever Host says (RFC 9113, 8.3.1).
    HttpFields fields = authority
        ? HttpFields.build(request.getHeaders()).put(HttpHeader.HOST, uri.getAuthority()).asImmutable()
        : request.getHeaders();
    return new Request.Wrapper(request) {
      @Override
      public HttpURI getHttpURI() {
        return its;
      }

      @Override
      public HttpFields getHeaders() {
        return fields;
      }

      @Override
      public boolean isSecure() {
        return scheme == HttpScheme.HTTPS;
      }
    };
  }

  /**
   * Tells clients of HTTP/2 not to ask for more on their connections (GOAWAY; RFC 9113, 6.8).
   *
   * @param all also those that have something under way
   */
  static void sayGoodbye(ServerConnector connector, boolean all) {
    for (ConnectionFactory protocol : connector.getConnectionFactories()) {
      if (protocol instanceof WatchfulHttp2ConnectionFactory http2) {
        for (SessionContainer sessions : http2.getBeans(SessionContainer.class)) {
          for (Session session : sessions.getSessions()) {
            if (all || session.getStreams().isEmpty()) {
              session.shutdown();
            }
          }
        }
      }
    }
  }

  /** Keeps the servlet layer from refusing what the connector has let through. */
  static void keepTargets(ServletContextHandler context) {
    context.getServletHandler().setDecodeAmbiguousURIs(true);
  }
}

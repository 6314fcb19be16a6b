package io.gatehouse.jetty.server;

import io.gatehouse.core.settings.ServerSettings;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Connectors that let a request target through as it was sent. Jetty is as strict as it comes in all that frames a
 * message, and stays so; only what makes a path ambiguous for file systems is allowed, because nothing is looked up by
 * path here: {@code //}, {@code %2F}, {@code %25}, {@code %5C}, {@code ;}, and octets that are not UTF-8. What is no URI
 * at all (RFC 3986) stays refused. Dot segments are refused by the gateway filter.
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

  private Connectors() {}

  static ServerConnector plain(Server server, ServerSettings settings) {
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
    ServerConnector connector = new ServerConnector(server, new WatchfulHttpConnectionFactory(http));
    connector.setIdleTimeout(settings.idleTimeout().toMillis());
    connector.setReuseAddress(true);
    return connector;
  }

  /** Keeps the servlet layer from refusing what the connector has let through. */
  static void keepTargets(ServletContextHandler context) {
    context.getServletHandler().setDecodeAmbiguousURIs(true);
  }
}

package io.gatehouse.jetty.proxy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.Outcome;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.server.WatchfulHttpConnectionFactory;
import io.gatehouse.jetty.websocket.Tunnels;
import io.gatehouse.upstream.Balancer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.LoggerFactory;

/** The servlet in a server that lets every target through, as the gateway's own does. */
final class Front implements AutoCloseable {

  static {
    ((Logger) LoggerFactory.getLogger("org.eclipse.jetty")).setLevel(Level.WARN);
  }

  private final Server server = new Server();
  private final ServerConnector connector;
  private final UpstreamServlet servlet;
  private final List<String> endings = new CopyOnWriteArrayList<>();
  private final List<Long> pixels = new CopyOnWriteArrayList<>();
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

  Front(Balancer balancer, ProxySettings settings) throws Exception {
    this(balancer, settings, Map.of());
  }

  Front(Balancer balancer, ProxySettings settings, Map<String, Object> attributes) throws Exception {
    this(balancer, settings, attributes, new Tunnels(Tunnels.IDLE_TIMEOUT));
  }

  Front(Balancer balancer, ProxySettings settings, Map<String, Object> attributes, Tunnels tunnels) throws Exception {
    this(new UpstreamServlet(balancer, new RetryBudget(), settings, tunnels), attributes);
  }

  Front(UpstreamServlet servlet, Map<String, Object> attributes) throws Exception {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setResponseHeaderSize(UpstreamServlet.MOST_HEAD_BYTES);
    configuration.setUriCompliance(UriCompliance.DEFAULT.with("gatehouse",
        UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT, UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
        UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING, UriCompliance.Violation.AMBIGUOUS_PATH_PARAMETER,
        UriCompliance.Violation.AMBIGUOUS_PATH_SEGMENT, UriCompliance.Violation.ILLEGAL_PATH_CHARACTERS));
    connector = new ServerConnector(server, 1, 1, new WatchfulHttpConnectionFactory(configuration));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.getServletHandler().setDecodeAmbiguousURIs(true);
    this.servlet = servlet;
    ServletHolder holder = new ServletHolder(servlet);
    holder.setAsyncSupported(true);
    holder.setInitOrder(1);
    context.addServlet(holder, "/");
    FilterHolder filter = new FilterHolder((Filter) (request, response, chain) -> {
      attributes.forEach(request::setAttribute);
      request.setAttribute(UpstreamServlet.WHEN_OVER, (Runnable) () -> {
        if (request.getAttribute(UpstreamServlet.TUNNEL) instanceof Consumer<?> tunnel) {
          tell(tunnel);
          return;
        }
        pixels.add(request.getAttribute(UpstreamServlet.PIXELS) instanceof Long made ? made : 0L);
        Object ending = request.getAttribute(UpstreamServlet.ENDING);
        endings.add(String.valueOf(ending == null ? Outcome.Ending.ANSWERED : ending));
      });
      chain.doFilter(request, response);
    });
    filter.setAsyncSupported(true);
    context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
    server.setHandler(context);
    server.start();
  }

  @SuppressWarnings("unchecked")
  private void tell(Consumer<?> tunnel) {
    ((Consumer<Consumer<Outcome>>) tunnel).accept(outcomes::add);
  }

  /** How tunnels ended. */
  List<Outcome> outcomes() {
    return new ArrayList<>(outcomes);
  }

  /** How requests ended, as those who look on see it. */
  List<String> endings() {
    return new ArrayList<>(endings);
  }

  long hedges() {
    return servlet.hedges();
  }

  /** How many pixels were to be charged for each request that is over. */
  List<Long> pixels() {
    return new ArrayList<>(pixels);
  }

  int fills() {
    return servlet.fills();
  }

  long hedgesWon() {
    return servlet.hedgesWon();
  }

  int port() {
    return connector.getLocalPort();
  }

  Wire connect() throws IOException {
    return Wire.connect(port());
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }
}

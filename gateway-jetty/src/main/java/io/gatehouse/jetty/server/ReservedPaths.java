package io.gatehouse.jetty.server;

import jakarta.servlet.FilterChain;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests for the gateway's own paths to their servlets and lets all others go on. Paths are compared as they were
 * received: {@code /%68ealth} and {@code //health} are not reserved and belong to the backends.
 *
 * <p>When administration has a port of its own, its paths are reserved on that port only, and nothing else is served
 * there.
 */
final class ReservedPaths extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private final transient Servlet nothing = new NotFoundServlet();
  private final transient Map<String, Servlet> everywhere = new LinkedHashMap<>();
  private final transient Map<String, Servlet> administration = new LinkedHashMap<>();

  /** The port of administration, once it is known; empty when it shares the port of the traffic. */
  private volatile @Nullable Integer adminPort;

  private final boolean split;

  /** Whether administration has a connector of its own. */
  ReservedPaths(boolean split) {
    this.split = split;
  }

  /** Reserves a path on every port. One that ends in a slash reserves all below it. */
  void everywhere(String path, Servlet servlet) {
    everywhere.put(path, servlet);
  }

  /** Reserves a path where administration is. */
  void administration(String path, Servlet servlet) {
    administration.put(path, servlet);
  }

  void adminPort(OptionalInt port) {
    adminPort = port.isPresent() ? port.getAsInt() : null;
  }

  /** Whether a path is one of these on any port. */
  boolean covers(String path) {
    return find(everywhere, path) != null || find(administration, path) != null;
  }

  @Override
  protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = request.getRequestURI();
    Integer port = adminPort;
    boolean onAdminPort = port != null && request.getLocalPort() == port;
    Servlet servlet = find(everywhere, path);
    if (servlet == null && (!split || onAdminPort)) {
      servlet = find(administration, path);
    }
    if (servlet == null && onAdminPort) {
      servlet = nothing;
    }
    if (servlet == null) {
      chain.doFilter(request, response);
    } else {
      servlet.service(request, response);
    }
  }

  private static @Nullable Servlet find(Map<String, Servlet> servlets, String path) {
    Servlet exact = servlets.get(path);
    if (exact != null) {
      return exact;
    }
    for (Map.Entry<String, Servlet> entry : servlets.entrySet()) {
      if (entry.getKey().endsWith("/") && path.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return null;
  }
}

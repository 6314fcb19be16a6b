package io.gatehouse.jetty.admin;

import io.gatehouse.access.Cidr;
import io.gatehouse.jetty.api.ProblemException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Serves metrics to this machine, to networks that are allowed to read them, and to administrators. Who asks
 * is told by the peer of the connection, never by a header field: anybody can write one.
 */
public final class MetricsServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private final transient Supplier<String> text;
  private final String contentType;
  private final transient Predicate<HttpServletRequest> administrator;
  private final transient Supplier<List<Cidr>> allowed;

  /**
   * A servlet for one path.
   *
   * @param text the metrics at this moment; asked on the container's threads
   * @param allowed networks of peers that need no token; asked each time
   */
  public MetricsServlet(
      Supplier<String> text,
      String contentType,
      Predicate<HttpServletRequest> administrator,
      Supplier<List<Cidr>> allowed) {
    this.text = Objects.requireNonNull(text, "text");
    this.contentType = Objects.requireNonNull(contentType, "contentType");
    this.administrator = Objects.requireNonNull(administrator, "administrator");
    this.allowed = Objects.requireNonNull(allowed, "allowed");
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
      ProblemException.methodNotAllowed("GET, HEAD").send(response);
    } else if (!mayRead(request)) {
      ProblemException.unauthorized().send(response);
    } else {
      byte[] body = text.get().getBytes(StandardCharsets.UTF_8);
      response.setContentType(contentType);
      response.setHeader("Cache-Control", "no-store");
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }

  private boolean mayRead(HttpServletRequest request) {
    return peer(request).filter(this::isAllowed).isPresent() || administrator.test(request);
  }

  private boolean isAllowed(InetAddress peer) {
    return peer.isLoopbackAddress() || allowed.get().stream().anyMatch(network -> network.contains(peer));
  }

  /** The peer's address, without brackets and zone; empty when it is none: a Unix domain socket. */
  private static Optional<InetAddress> peer(HttpServletRequest request) {
    try {
      return Optional.of(Cidr.address(request.getRemoteAddr().replaceAll("[\\[\\]]|%.*", "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}

package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.EnumSet;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsServletTest {

  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final String TOKEN = "a-token-for-tests";

  private static Server server;
  private static URI uri;

  /** Stands for connections from elsewhere: tests have none but from this machine. */
  private static final class PeerFromField extends HttpFilter {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      chain.doFilter(
          new HttpServletRequestWrapper(request) {
            @Override
            public String getRemoteAddr() {
              String peer = getHeader("Test-Peer");
              return peer == null ? super.getRemoteAddr() : peer;
            }
          },
          response);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.addFilter(new FilterHolder(new PeerFromField()), "/*", EnumSet.of(DispatcherType.REQUEST));
    MetricsServlet servlet =
        new MetricsServlet(
            () -> "gatehouse_up 1\n",
            TYPE,
            request -> ("Bearer " + TOKEN).equals(request.getHeader("Authorization")),
            () -> List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8::/32")));
    context.addServlet(new ServletHolder(servlet), "/metrics");
    server.setHandler(context);
    server.start();
    uri = URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/metrics");
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  @Test
  void this_machine_reads_without_a_token() throws Exception {
    HttpResponse<String> response = send("GET");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("gatehouse_up 1\n");
    assertThat(response.headers().firstValue("Content-Type")).hasValue(TYPE);
    assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 200",
    "2001:db8::7, 200",
    "[2001:db8::7], 200",
    "127.0.0.53, 200",
    "::1, 200",
    "::ffff:127.0.0.1, 200",
    "192.0.2.1, 401",
    "fe80::1%eth0, 401",
    "unix, 401"
  })
  void others_read_where_their_network_is_allowed(String peer, int status) throws Exception {
    assertThat(send("GET", "Test-Peer", peer).statusCode()).isEqualTo(status);
  }

  @Test
  void whoever_is_not_allowed_may_show_the_token_and_nothing_else() throws Exception {
    HttpResponse<String> refused =
        send(
            "GET", "Test-Peer", "192.0.2.1", "X-Forwarded-For", "127.0.0.1", "Forwarded", "for=10.0.0.1",
            "X-Real-IP", "127.0.0.1");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"gatehouse admin\"");
    assertThat(refused.body()).contains("admin-token-invalid").doesNotContain("gatehouse_up");

    assertThat(send("GET", "Test-Peer", "192.0.2.1", "Authorization", "Bearer " + TOKEN).statusCode())
        .isEqualTo(200);
  }

  @Test
  void metrics_are_only_read() throws Exception {
    HttpResponse<String> refused = send("POST");
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("Allow")).hasValue("GET, HEAD");

    HttpResponse<String> head = send("HEAD");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length")).hasValue("15");
  }

  private static HttpResponse<String> send(String method, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }
}

package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.core.route.Route;
import io.gatehouse.core.route.Routes;
import io.gatehouse.core.tls.Trust;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import io.gatehouse.jetty.websocket.Tunnels;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.thread.Invocable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The servlet with lanes, and without a gate of ours before it. */
class LanesTest {

  private static final Routes ROUTES = new Routes(List.of(route("one", "/one"), route("two", "/two")));

  private static final Trust TRUST = Trust.ofJava();

  private ScriptedBackend one;
  private ScriptedBackend two;

  @BeforeEach
  void start() throws Exception {
    one = ScriptedBackend.saying("one");
    two = ScriptedBackend.saying("two");
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    two.close();
  }

  @Test
  void without_a_stated_route_the_servlet_looks_itself() throws Exception {
    try (Front front = front(Map.of())) {
      assertThat(body(front, "/one/x")).isEqualTo("one");
      assertThat(body(front, "/two")).isEqualTo("two");
    }
  }

  @Test
  void a_stated_route_is_taken_whatever_the_path_unless_it_is_gone() throws Exception {
    try (Front front = front(Map.of(UpstreamServlet.ROUTE, "two"))) {
      assertThat(body(front, "/one")).isEqualTo("two");
    }
    try (Front front = front(Map.of(UpstreamServlet.ROUTE, "gone"))) {
      assertThat(body(front, "/one")).isEqualTo("one");
    }
  }

  @Test
  void without_a_route_no_backend_is_asked_and_nothing_is_to_be_charged() throws Exception {
    try (Front front = front(Map.of()); Wire client = front.connect().send("GET /three HTTP/1.1\r\nHost: a\r\n\r\n")) {
      Head answer = client.head();

      assertThat(answer.status()).isEqualTo(404);
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:no-route");
    }
    assertThat(one.requests()).isEmpty();
    assertThat(two.requests()).isEmpty();
  }

  @Test
  void lanes_with_the_same_time_to_connect_share_a_client_and_all_share_threads() {
    Clients clients = new Clients(Invocable.InvocationType.BLOCKING);
    clients.start();
    try {
      HttpClient first = clients.want(connectingWithin(1).build()).http();
      HttpClient same = clients.want(connectingWithin(1).responseTimeout(Duration.ofHours(1)).build()).http();
      HttpClient other = clients.want(connectingWithin(7).build()).http();

      assertThat(same).isSameAs(first);
      assertThat(other).isNotSameAs(first);
      assertThat(first.getConnectTimeout()).isEqualTo(1000);
      assertThat(other.getConnectTimeout()).isEqualTo(7000);
      assertThat(other.getExecutor()).isSameAs(first.getExecutor());
      assertThat(other.getScheduler()).isSameAs(first.getScheduler());
      assertThat(other.getByteBufferPool()).isSameAs(first.getByteBufferPool());
      assertThat(first.isRunning() && other.isRunning()).isTrue();
    } finally {
      clients.stop();
    }
  }

  private static ProxySettings.Builder connectingWithin(int seconds) {
    return ProxySettings.builder().trust(TRUST).connectTimeout(Duration.ofSeconds(seconds));
  }

  private Front front(Map<String, Object> attributes) throws Exception {
    Map<String, ScriptedBackend> backends = Map.of("one", one, "two", two);
    Lanes lanes = Lanes.of(ROUTES, route -> new Lane(
        new Verbs(List.of(backends.get(route.name()).upstream())), new RetryBudget(), ProxySettings.builder().build(),
        Rewriting.NONE));
    return new Front(new UpstreamServlet(lanes, new Tunnels(Tunnels.IDLE_TIMEOUT)), attributes);
  }

  private static String body(Front front, String target) throws Exception {
    try (Wire client = front.connect().send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n")) {
      return client.body(client.head());
    }
  }

  private static Route route(String name, String path) {
    return new Route(name, Optional.empty(), path, Set.of(), "default", Optional.empty());
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.Admission;
import io.gatehouse.Outcome;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.jetty.account.AccountServlet;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.jetty.fixture.EventStream;
import io.gatehouse.jetty.live.LiveCounts;
import io.gatehouse.jetty.live.LiveFeed;
import io.gatehouse.limit.RateLimiter;
import jakarta.servlet.http.HttpServlet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpTester;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A gateway with its administration and self-service behind a real socket, and a client that has the token. */
final class RunningAdmin implements AutoCloseable {

  static final String TOKEN = "a-token-for-tests";

  /** Of backends that register themselves. */
  static final String REGISTRATION_TOKEN = "a-token-for-backends";

  /** The backend of the configuration; nothing listens there. */
  static final String CONFIGURED = "http://127.0.0.1:9";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Let go of when it is closed: test classes that hold this in a static field live until the last test. */
  private Gatehouse gatehouse;

  private LiveFeed live;
  private Server server;
  private LocalConnector local;
  private final URI root;
  private final HttpClient client = HttpClient.newHttpClient();

  /** An answer, with its document if it has one. */
  record Reply(int status, HttpHeaders headers, JsonNode json) {

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    String text(String field) {
      return json.path(field).asText();
    }

    /** The part of the problem type that tells it from our others. */
    String problem() {
      return text("type").replace("urn:gatehouse:problem:", "");
    }

    /** The faulty fields. */
    List<String> faulty() {
      return json.path("errors").findValuesAsText("field");
    }
  }

  private RunningAdmin(
      Gatehouse gatehouse, LiveFeed live, HttpServlet servlet, HttpServlet told, HttpServlet account)
      throws Exception {
    this.gatehouse = gatehouse;
    this.live = live;
    this.server = new Server();
    HttpConfiguration http = new HttpConfiguration();
    http.setUriCompliance(UriCompliance.UNSAFE); // the router must cope with whatever a server lets through
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    LocalConnector local = new LocalConnector(server, new HttpConnectionFactory(http));
    server.addConnector(local);
    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(new ServletHolder(servlet), "/*");
    context.addServlet(new ServletHolder(account), AccountServlet.PATH + "/*");
    ServletHolder watched = new ServletHolder(told);
    watched.setAsyncSupported(true);
    context.addServlet(watched, LiveServlet.PATH);
    context.getServletHandler().setDecodeAmbiguousURIs(true);
    server.setHandler(context);
    server.start();
    this.local = local;
    this.root = URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  static RunningAdmin start(Path directory) throws Exception {
    return start(directory, Map.of());
  }

  /** Starts with some settings more, each as the environment says it. */
  static RunningAdmin start(Path directory, Map<String, String> more) throws Exception {
    return start(directory, more, new MemoryRateLimiter(64, System::nanoTime));
  }

  /** Starts with a limiter of wrong tokens. */
  static RunningAdmin start(Path directory, Map<String, String> more, RateLimiter failures)
      throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("GATEHOUSE_DATA_DIR", directory.toString());
    environment.put("GATEHOUSE_RATE_LIMITS_IP_LEVEL", "none");
    environment.put("GATEHOUSE_BACKENDS_0_URL", CONFIGURED);
    environment.put("GATEHOUSE_BACKENDS_0_WEIGHT", "7");
    environment.putAll(more);
    SettingsSource source = new SettingsSource(Optional.empty(), environment);
    Effective settings = source.read();
    LiveCounts liveCounts = new LiveCounts(path -> path, InstantSource.system());
    Gatehouse gatehouse = Gatehouse.open(settings.settings(), List.of(liveCounts));
    Configuration configuration =
        new Configuration(source, settings, Gatehouse::check, gatehouse::become, InstantSource.system());
    TrustedProxies proxies = new TrustedProxies(List.of(Cidr.parse("127.0.0.1")));
    Administrators administrators =
        new Administrators(TOKEN, Optional.of(REGISTRATION_TOKEN), gatehouse.stores(), failures, () -> proxies, 64);
    LiveFeed live = new LiveFeed(
        liveCounts,
        () -> gatehouse.pools().standings(),
        () -> Map.of("default", CircuitBreaker.State.HALF_OPEN),
        InstantSource.system());
    return new RunningAdmin(
        gatehouse,
        live,
        new AdminServlet(gatehouse, configuration, administrators),
        new LiveServlet(live, administrators),
        new AccountServlet(gatehouse, () -> proxies));
  }

  Gatehouse gatehouse() {
    return gatehouse;
  }

  int port() {
    return root.getPort();
  }

  /** Adds a user and gives their id. */
  String user(String name) throws Exception {
    return send("POST", "/users", "{\"name\":\"" + name + "\"}").text("id");
  }

  Reply get(String path) throws Exception {
    return send("GET", path, BodyPublishers.noBody());
  }

  Reply delete(String path, String... headers) throws Exception {
    return send("DELETE", path, BodyPublishers.noBody(), headers);
  }

  /** Sends a document. */
  Reply send(String method, String path, String json, String... headers) throws Exception {
    return send(method, path, BodyPublishers.ofString(json), with(headers, "Content-Type", "application/json"));
  }

  /** Sends what is given, as an administrator. */
  Reply send(String method, String path, BodyPublisher body, String... headers) throws Exception {
    return exchange(method, "/api/v1" + path, body, with(headers, "Authorization", "Bearer " + TOKEN));
  }

  /** Sends what is given, as whoever has an API key. */
  Reply asHolder(String key, String method, String path, BodyPublisher body, String... headers) throws Exception {
    return exchange(method, "/api/v1" + path, body, with(headers, "X-API-Key", key));
  }

  /** Sends a document as an administrator, without a socket. */
  Reply sendLocally(String method, String target, String json) throws Exception {
    return sendLocally(method, target, json, "Authorization: Bearer " + TOKEN);
  }

  /** Sends a document with some line of a head that says who sends it, without a socket. */
  Reply sendLocally(String method, String target, String json, String credential) throws Exception {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        method + " " + target + " HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n" + credential
            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    request.writeBytes(body);
    HttpTester.Response response =
        HttpTester.parseResponse(local.getResponse(ByteBuffer.wrap(request.toByteArray()), 30, TimeUnit.SECONDS));
    return new Reply(response.getStatus(), HttpHeaders.of(Map.of(), (name, value) -> true), document(response.getContentBytes()));
  }

  /** Begins to look at what happens. */
  EventStream watch(String path) throws Exception {
    return EventStream.open(client, URI.create(root + "/api/v1" + path), TOKEN);
  }

  /** Sends what is given. */
  Reply exchange(String method, String target, BodyPublisher body, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + target)).method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), response.headers(), document(response.body()));
  }

  /** Whether a request with this key may pass the gateway. */
  boolean admits(String key, String target) {
    return gatehouse.gateway().admit(Requests.get(target).with("X-API-Key", key)) instanceof Admission.Admitted;
  }

  /** Makes a request with this key, which is answered with 200. */
  void calls(String key, String target) {
    Admission admission = gatehouse.gateway().admit(Requests.get(target).with("X-API-Key", key));
    ((Admission.Admitted) admission).complete(
        new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED));
  }

  private static JsonNode document(byte[] body) throws IOException {
    return JSON.readTree(body);
  }

  private static String[] with(String[] headers, String name, String value) {
    String[] more = Arrays.copyOf(headers, headers.length + 2);
    more[headers.length] = name;
    more[headers.length + 1] = value;
    return more;
  }

  @Override
  public void close() throws Exception {
    live.close();
    server.stop();
    gatehouse.close();
    live = null;
    local = null;
    server = null;
    gatehouse = null;
  }
}

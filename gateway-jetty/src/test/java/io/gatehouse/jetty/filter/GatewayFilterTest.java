package io.gatehouse.jetty.filter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Passage;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.quota.WhenExhausted;
import io.gatehouse.core.setup.KeyedGateway;
import io.gatehouse.event.Change;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The filters before somebody's servlet, in Jetty and through real sockets. The same in Tomcat: gateway-examples/embedded. */
class GatewayFilterTest {

  /** What the servlet of a test does. */
  private interface Deed {
    void run(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException;
  }

  private static final String TEXT = "naïve 図 \uD83D\uDE80";

  private static final Pepper PEPPER = new Pepper(1, new byte[32]);
  private static final MemoryDirectory DIRECTORY = new MemoryDirectory(GatewayFilterTest::changed);
  private static final KeyIssuer ISSUER =
      new KeyIssuer(DIRECTORY, new KeyFormat("gk", "live"), PEPPER, InstantSource.system());
  private static final List<Outcome> OUTCOMES = new CopyOnWriteArrayList<>();
  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static volatile boolean storeAway;
  private static volatile String lastMark = "";
  private static volatile Deed deed;
  private static KeyedGateway gateway;
  private static Server server;
  private static int port;

  private final IssuedKey key = newKey();

  @BeforeAll
  static void start() throws Exception {
    gateway =
        KeyedGateway.builder(
                digest -> {
                  if (storeAway) {
                    throw new StoreException("away", null);
                  }
                  return DIRECTORY.find(digest);
                },
                PEPPER)
            .networks(DIRECTORY)
            .limits(DIRECTORY)
            .quotas(DIRECTORY)
            .whenExhausted(WhenExhausted.CUT)
            .userLimits(List.of(Limit.of(100, Duration.ofHours(1))))
            .observer(
                new Observer() {
                  @Override
                  public void completed(Passage passage, Outcome outcome) {
                    lastMark = passage.inbound().method() + passage.inbound().header("x-mark").orElse("");
                    OUTCOMES.add(outcome);
                  }
                })
            .build();
    server = new Server();
    HttpConfiguration http = new HttpConfiguration();
    http.setUriCompliance(UriCompliance.UNSAFE);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    context.getServletHandler().setDecodeAmbiguousURIs(true);
    add(context, new CorrelationFilter());
    add(context, new GatewayFilter(gateway, new TrustedProxies(List.of(Cidr.parse("127.0.0.1")))));
    ServletHolder servlet = new ServletHolder("deed", new DeedServlet());
    servlet.setAsyncSupported(true);
    context.addServlet(servlet, "/*");
    server.setHandler(context);
    server.start();
    port = connector.getLocalPort();
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
    gateway.close();
  }

  @BeforeEach
  void forget() {
    OUTCOMES.clear();
    storeAway = false;
    deed = (request, response) -> response.getOutputStream().write(TEXT.getBytes(UTF_8));
  }

  @Test
  void a_request_without_a_key_never_reaches_the_servlet() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    deed = (request, response) -> calls.incrementAndGet();

    HttpResponse<String> answer = CLIENT.send(request("/a").build(), BodyHandlers.ofString());

    assertProblem(answer, 401, "key-missing");
    assertThat(field(answer, "WWW-Authenticate")).isEqualTo("Bearer realm=\"gatehouse\"");
    assertThat(field(answer, "Cache-Control")).isEqualTo("no-store");
    assertThat(field(answer, "X-Request-Id")).isNotEmpty();
    assertThat(calls).hasValue(0);
    assertThat(OUTCOMES).isEmpty();
  }

  @Test
  void a_request_with_a_key_reaches_it_and_tells_who_calls_from_where_and_what_they_have_left() throws Exception {
    AtomicReference<Subject> subject = new AtomicReference<>();
    AtomicReference<Inbound> inbound = new AtomicReference<>();
    deed =
        (request, response) -> {
          subject.set((Subject) request.getAttribute(GatewayFilter.SUBJECT));
          inbound.set((Inbound) request.getAttribute(GatewayFilter.INBOUND));
          response.getOutputStream().write(TEXT.getBytes(UTF_8));
        };

    HttpResponse<String> answer =
        CLIENT.send(
            request("/a//b%2Fc;d?e=f&e=%20").header("X-API-Key", key.secret()).header("X-Forwarded-For", "192.0.2.7").build(),
            BodyHandlers.ofString(UTF_8));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(TEXT);
    assertThat(field(answer, "X-RateLimit-Limit")).isEqualTo("100");
    assertThat(field(answer, "X-RateLimit-Remaining")).isEqualTo("99");
    assertThat(subject.get()).isEqualTo(new Subject(key.key().user(), key.key().id()));
    assertThat(inbound.get().target()).isEqualTo("/a//b%2Fc;d?e=f&e=%20");
    assertThat(inbound.get().clientAddress().getHostAddress()).isEqualTo("192.0.2.7");
    assertSettled(200, 0, TEXT.getBytes(UTF_8).length, Ending.ANSWERED);
  }

  @Test
  void beyond_a_limit_the_answer_is_429_and_says_when_to_come_back() throws Exception {
    DIRECTORY.replaceLimits(Level.USER, key.key().user(), Optional.of(List.of(Limit.of(1, Duration.ofMinutes(1)))));
    assertThat(get("/a").statusCode()).isEqualTo(200);

    HttpResponse<String> answer = get("/a");

    assertProblem(answer, 429, "rate-limit-exceeded");
    assertThat(answer.body()).contains("\"violated-policies\":[\"user-minute\"]");
    assertThat(Integer.parseInt(field(answer, "Retry-After"))).isBetween(1, 60);
    assertThat(answer.body()).contains("\"retry-after\":" + field(answer, "Retry-After"));
    assertThat(field(answer, "RateLimit")).startsWith("\"user-minute\";r=0;t=");
  }

  @Test
  void an_address_outside_of_the_list_is_403() throws Exception {
    DIRECTORY.replaceNetworks(key.key().user(), List.of(Cidr.parse("10.0.0.0/8")));

    assertProblem(get("/a"), 403, "address-forbidden");
    assertProblem(get("/a", "X-Forwarded-For", "10.1.2.3, 192.0.2.1"), 403, "address-forbidden");
    assertThat(get("/a", "X-Forwarded-For", "192.0.2.1, 10.1.2.3").statusCode()).isEqualTo(200);
  }

  @Test
  void a_store_that_cannot_answer_is_503_and_not_401() throws Exception {
    storeAway = true;

    HttpResponse<String> answer = get("/a");

    assertProblem(answer, 503, "store-unavailable");
    assertThat(field(answer, "Retry-After")).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/../b", "/a/./b", "/a/%2e%2E/b", "/a/..;x/b", "/a%2F..%2Fb", "/a/.."})
  void dot_segments_are_400_before_anything_is_counted(String path) throws Exception {
    HttpResponse<String> answer = get(path);

    assertProblem(answer, 400, "bad-request");
    assertThat(get("/a").headers().firstValue("X-RateLimit-Remaining")).contains("99");
  }

  @ParameterizedTest
  @CsvSource({
    "200, 'public, max-age=60', , false",
    "200, 's-maxage=60', , false",
    "200, 'max-age=60', , false",
    "200, 'must-revalidate', , false",
    "200, , 'Thu, 01 Dec 2044 16:00:00 GMT', false",
    "200, 'private', 'Thu, 01 Dec 2044 16:00:00 GMT', true",
    "200, 'private, max-age=60', , true",
    "200, 'no-store', , true",
    "200, 'no-cache', , true",
    "200, , , true",
    "404, 'public, max-age=60', , true"
  })
  void what_a_shared_cache_may_keep_does_not_say_what_one_caller_has_left(
      int status, String cacheControl, String expires, boolean told) throws Exception {
    deed =
        (request, response) -> {
          // The writer first: many servlets begin so and set their fields later.
          PrintWriter writer = response.getWriter();
          response.setStatus(status);
          response.setHeader("Cache-Control", cacheControl);
          response.setHeader("Expires", expires);
          writer.print("body");
        };

    HttpResponse<String> answer = get("/a");

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo("body");
    for (String name : List.of("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy")) {
      assertThat(answer.headers().firstValue(name).isPresent()).as(name).isEqualTo(told);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing", "flush", "redirect", "error", "asynchronous"})
  void an_answer_without_a_body_says_it_too(String way) throws Exception {
    deed =
        (request, response) -> {
          switch (way) {
            case "flush" -> response.flushBuffer();
            case "redirect" -> response.sendRedirect("/b");
            case "error" -> response.sendError(418);
            case "asynchronous" -> endWithoutBody(request.startAsync(), response);
            default -> response.setStatus(204);
          }
        };

    HttpResponse<String> answer = get("/a");

    assertThat(field(answer, "X-RateLimit-Remaining")).isEqualTo("99");
    assertSettled(answer.statusCode(), 0, 0, Ending.ANSWERED);
  }

  @Test
  void what_a_writer_writes_arrives_whole_even_when_a_character_comes_in_two_halves() throws Exception {
    deed =
        (request, response) -> {
          response.setContentType("text/plain; charset=utf-8");
          PrintWriter writer = response.getWriter();
          for (char half : TEXT.toCharArray()) {
            writer.print(half);
          }
          writer.println();
        };

    HttpResponse<String> answer = get("/a");

    assertThat(answer.body()).isEqualTo(TEXT + System.lineSeparator());
    assertThat(field(answer, "Content-Type")).isEqualToIgnoringCase("text/plain;charset=utf-8");
    assertSettled(200, 0, answer.body().getBytes(UTF_8).length, Ending.ANSWERED);
  }

  @Test
  void the_body_of_a_request_is_counted_as_it_is_read() throws Exception {
    deed = (request, response) -> response.getWriter().print(request.getReader().readLine().length());
    HttpRequest post =
        request("/a")
            .header("X-API-Key", key.secret())
            .header("Content-Type", "text/plain; charset=utf-8")
            .POST(BodyPublishers.ofString(TEXT, UTF_8))
            .build();

    assertThat(CLIENT.send(post, BodyHandlers.ofString()).body()).isEqualTo(Integer.toString(TEXT.length()));
    assertSettled(200, TEXT.getBytes(UTF_8).length, 2, Ending.ANSWERED);
  }

  @Test
  void nothing_is_transferred_in_answer_to_head() throws Exception {
    HttpRequest head = request("/a").header("X-API-Key", key.secret()).method("HEAD", BodyPublishers.noBody()).build();

    HttpResponse<String> answer = CLIENT.send(head, BodyHandlers.ofString());

    assertThat(answer.body()).isEmpty();
    assertThat(field(answer, "X-RateLimit-Remaining")).isEqualTo("99");
    assertSettled(200, 0, 0, Ending.ANSWERED);
  }

  @Test
  void what_is_dropped_from_the_buffer_is_not_counted() throws Exception {
    deed =
        (request, response) -> {
          response.getOutputStream().write(new byte[100]);
          response.resetBuffer();
          response.getOutputStream().write(new byte[7]);
          response.reset();
          response.getWriter().print("four");
        };

    HttpResponse<String> answer = get("/a");

    assertThat(answer.body()).isEqualTo("four");
    assertThat(field(answer, "X-RateLimit-Remaining")).isEqualTo("99");
    assertSettled(200, 0, 4, Ending.ANSWERED);
  }

  @Test
  void an_asynchronous_answer_is_settled_once_when_it_is_complete() throws Exception {
    byte[] body = new byte[200_000];
    deed =
        (request, response) -> {
          // The context's own response, not the servlet's: both must be counted.
          AsyncContext async = request.startAsync();
          async.start(
              () -> {
                write(async, body);
                assertThat(OUTCOMES).as("not before it is complete").isEmpty();
                async.complete();
              });
        };

    HttpResponse<String> answer = get("/a");

    assertThat(answer.body()).hasSize(body.length);
    assertThat(field(answer, "X-RateLimit-Remaining")).isEqualTo("99");
    assertSettled(200, 0, body.length, Ending.ANSWERED);
  }

  @Test
  void an_answer_that_is_dispatched_and_begun_again_is_settled_once() throws Exception {
    deed =
        (request, response) -> {
          AsyncContext async = request.startAsync();
          if (request.getDispatcherType() == DispatcherType.REQUEST) {
            async.dispatch();
          } else {
            async.start(
                () -> {
                  write(async, new byte[10]);
                  async.complete();
                });
          }
        };

    assertThat(get("/a").body()).hasSize(10);
    assertSettled(200, 0, 10, Ending.ANSWERED);
  }

  @Test
  void an_asynchronous_answer_that_nobody_completes_is_settled_once_by_its_timeout() throws Exception {
    deed = (request, response) -> request.startAsync().setTimeout(1);

    assertThat(get("/a").statusCode()).isEqualTo(500);
    assertSettledStatus(500);
  }

  @Test
  void an_exception_before_the_answer_has_begun_is_settled_once_as_the_500_that_it_becomes() throws Exception {
    deed =
        (request, response) -> {
          response.getOutputStream().write(new byte[100]);
          throw new IllegalStateException("by intent");
        };

    assertThat(get("/a").statusCode()).isEqualTo(500);
    assertSettled(500, 0, 100, Ending.ANSWERED);
  }

  @Test
  void an_exception_in_the_middle_of_the_answer_is_settled_once_as_broken_off() throws Exception {
    deed =
        (request, response) -> {
          response.getOutputStream().write(new byte[100]);
          response.flushBuffer();
          throw new ServletException("by intent");
        };

    assertThat(catchThrowable(() -> get("/a"))).isInstanceOf(IOException.class);
    assertSettled(200, 0, 100, Ending.ABORTED);
  }

  @Test
  void an_answer_that_passes_a_quota_is_broken_off_even_if_the_servlet_swallows_it() throws Exception {
    DIRECTORY.replaceQuotas(
        key.key().user(), Optional.of(List.of(new Quota(Meter.RESPONSE_BYTES, Window.DAY, 400_000))));
    deed =
        (request, response) -> {
          try {
            for (int i = 0; i < 100; i++) {
              response.getOutputStream().write(new byte[10_000]);
            }
          } catch (IOException cut) {
            // And on it goes, to what would be a proper end.
          }
        };

    assertThat(catchThrowable(() -> get("/a"))).isInstanceOf(IOException.class);
    await().atMost(Duration.ofSeconds(5)).until(() -> !OUTCOMES.isEmpty());
    assertThat(OUTCOMES.get(0).ending()).isEqualTo(Ending.ABORTED);
    assertThat(OUTCOMES.get(0).responseBytes()).isLessThanOrEqualTo(400_000 + TransferMeter.PIECE);
    assertThat(get("/a").statusCode()).isEqualTo(429);
  }

  @Test
  void what_is_behind_may_say_how_many_pixels_were_made() throws Exception {
    deed = (request, response) -> request.setAttribute(GatewayFilter.PIXELS, 480_000L);

    get("/a");

    assertSettledStatus(200);
    assertThat(OUTCOMES.get(0).pixels()).isEqualTo(480_000);
  }

  @Test
  void what_is_behind_may_say_that_no_backend_answered() throws Exception {
    deed =
        (request, response) -> {
          request.setAttribute(GatewayFilter.ENDING, Ending.UNANSWERED);
          response.sendError(502);
        };

    assertThat(get("/a").statusCode()).isEqualTo(502);
    assertSettledStatus(502);
    assertThat(OUTCOMES.get(0).ending()).isEqualTo(Ending.UNANSWERED);
  }

  @Test
  void what_goes_on_after_the_answer_is_settled_when_it_is_over() throws Exception {
    List<Consumer<Outcome>> told = new CopyOnWriteArrayList<>();
    deed = (request, response) -> {
      Consumer<Consumer<Outcome>> tunnel = told::add;
      request.setAttribute(GatewayFilter.TUNNEL, tunnel);
      response.getOutputStream().write(1);
    };

    HttpResponse<String> answer = get("/", "X-Mark", "mine");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(field(answer, "RateLimit")).isNotEmpty();
    await().until(() -> !told.isEmpty());
    assertThat(OUTCOMES).isEmpty();
    // The container has used its request again by now.
    deed = (request, response) -> {};
    get("/", "X-Mark", "other");
    await().until(() -> OUTCOMES.size() == 1);
    OUTCOMES.clear();

    for (Consumer<Outcome> one : told) {
      one.accept(new Outcome(101, 70, 700, Duration.ZERO, Ending.ABORTED));
    }
    assertSettled(101, 70, 700, Ending.ABORTED);
    assertThat(OUTCOMES.get(0).elapsed()).isPositive();
    assertThat(lastMark).isEqualTo("GETmine");
  }

  @Test
  void an_id_that_was_sent_is_kept_when_it_is_one_and_replaced_otherwise() throws Exception {
    AtomicReference<Map<String, Object>> seen = new AtomicReference<>();
    deed =
        (request, response) ->
            seen.set(
                Map.of(
                    "id", request.getAttribute(CorrelationFilter.REQUEST_ID),
                    "trace", request.getAttribute(CorrelationFilter.TRACE_ID)));

    assertThat(field(get("/a", "X-Request-Id", "Mine_1-2"), "X-Request-Id")).isEqualTo("Mine_1-2");
    assertThat(seen.get()).containsEntry("id", "Mine_1-2");
    for (String bad : List.of("a b", "a/b", "ü", "x".repeat(65))) {
      assertThat(field(get("/a", "X-Request-Id", bad), "X-Request-Id")).hasSize(20).matches("[0-9a-v]+");
    }
    HttpResponse<String> traced =
        get("/a", "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assertThat(field(traced, "traceresponse")).contains("0af7651916cd43dd8448eb211c80319c");
    assertThat(seen.get()).containsEntry("trace", "0af7651916cd43dd8448eb211c80319c");
  }

  private static final class DeedServlet extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException {
      deed.run(request, response);
    }
  }

  private static void write(AsyncContext async, byte[] body) {
    try {
      async.getResponse().getOutputStream().write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As a proxy ends an answer that has no body: without blocking, and without a byte. */
  private static void endWithoutBody(AsyncContext async, HttpServletResponse response) throws IOException {
    response.setStatus(204);
    ServletOutputStream out = response.getOutputStream();
    out.setWriteListener(
        new WriteListener() {
          @Override
          public void onWritePossible() {
            async.complete();
          }

          @Override
          public void onError(Throwable cause) {
            async.complete();
          }
        });
  }

  private static void changed(Change change) {
    gateway.changed(change);
  }

  private static IssuedKey newKey() {
    String user = UUID.randomUUID().toString();
    DIRECTORY.addUser(new User(user, user, true, Instant.EPOCH));
    return ISSUER.issue(user, "", Set.of(), Optional.empty());
  }

  private static void add(ServletContextHandler context, Filter filter) {
    FilterHolder holder = new FilterHolder(filter);
    holder.setAsyncSupported(true);
    context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
  }

  private static HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target)).timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> get(String target, String... fields) throws IOException, InterruptedException {
    HttpRequest.Builder request = request(target).header("X-API-Key", key.secret());
    if (fields.length > 0) {
      request.headers(fields);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString(UTF_8));
  }

  private static String field(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElseThrow(() -> new AssertionError("no field " + name));
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String type) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(field(answer, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.body())
        .contains("\"type\":\"urn:gatehouse:problem:" + type + "\"", "\"status\":" + status, "\"detail\":\"");
  }

  private static void assertSettledStatus(int status) {
    // The client may have its answer before the container has told the filter that it is complete.
    await().until(() -> !OUTCOMES.isEmpty());
    assertThat(OUTCOMES).hasSize(1).first().extracting(Outcome::status).isEqualTo(status);
  }

  private static void assertSettled(int status, long requestBytes, long responseBytes, Ending ending) {
    assertSettledStatus(status);
    assertThat(OUTCOMES.get(0))
        .extracting(Outcome::requestBytes, Outcome::responseBytes, Outcome::ending)
        .containsExactly(requestBytes, responseBytes, ending);
  }
}

package io.gatehouse.examples.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Passage;
import io.gatehouse.access.Cidr;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.startup.Tomcat;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The application of the example in a real Tomcat, with a servlet that does what each test wants. */
class EmbeddedGatewayTest {

  /** What the servlet of a test does. */
  private interface Deed {
    void run(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException;
  }

  private static final String TEXT = "naïve 図 \uD83D\uDE80";
  private static final List<Outcome> OUTCOMES = new CopyOnWriteArrayList<>();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static volatile Deed deed;
  private static EmbeddedGateway gateway;
  private static Tomcat tomcat;
  private static int port;

  private final String user = UUID.randomUUID().toString();
  private final String key = gateway.newKey(user);

  @BeforeAll
  static void start() throws Exception {
    gateway =
        new EmbeddedGateway(
            new Observer() {
              @Override
              public void completed(Passage passage, Outcome outcome) {
                OUTCOMES.add(outcome);
              }
            });
    tomcat =
        Main.start(
            0,
            gateway,
            new HttpServlet() {
              @Override
              protected void service(HttpServletRequest request, HttpServletResponse response)
                  throws IOException, ServletException {
                deed.run(request, response);
              }
            });
    port = tomcat.getConnector().getLocalPort();
  }

  @AfterAll
  static void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
    gateway.close();
  }

  @BeforeEach
  void forget() {
    OUTCOMES.clear();
    HelloServlet hello = new HelloServlet();
    deed = hello::doGet;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.eclipse.jetty.server.Server", "redis.clients.jedis.RedisClient", "org.jooq.DSLContext",
        "org.flywaydb.core.Flyway", "com.fasterxml.jackson.core.JsonFactory", "picocli.CommandLine",
        "io.micrometer.core.instrument.Meter", "ch.qos.logback.classic.Logger"
      })
  void none_of_what_the_standalone_gateway_needs_is_here(String type) {
    assertThatThrownBy(() -> Class.forName(type)).isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void without_a_key_it_is_401_and_with_one_the_application_knows_who_calls() throws Exception {
    assertProblem(send(request("/hello")), 401, "key-missing");

    HttpResponse<String> answer = get("/hello");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualToNormalizingNewlines("Hello " + user + "\n");
    assertThat(field(answer, "X-Request-Id")).isNotEmpty();
    assertThat(field(answer, "traceresponse")).startsWith("00-");
  }

  @Test
  void the_sixth_request_of_a_minute_is_429_and_says_when_to_come_back() throws Exception {
    for (int left = 4; left >= 0; left--) {
      assertThat(field(get("/hello"), "X-RateLimit-Remaining")).isEqualTo(Integer.toString(left));
    }

    HttpResponse<String> answer = get("/hello");

    assertProblem(answer, 429, "rate-limit-exceeded");
    assertThat(Integer.parseInt(field(answer, "Retry-After"))).isBetween(1, 12);
    assertThat(answer.body())
        .contains("\"violated-policies\":[\"user-minute\"]", "\"retry-after\":" + field(answer, "Retry-After"));
  }

  @Test
  void outside_of_the_list_it_is_403_from_the_next_request_on() throws Exception {
    assertThat(get("/hello").statusCode()).isEqualTo(200);

    gateway.directory.replaceNetworks(user, List.of(Cidr.parse("10.0.0.0/8")));
    assertProblem(get("/hello", "X-Forwarded-For", "10.1.2.3"), 403, "address-forbidden");

    gateway.directory.replaceNetworks(user, List.of(Cidr.parse("127.0.0.0/8")));
    assertThat(get("/hello").statusCode()).isEqualTo(200);
  }

  @Test
  void a_gate_of_the_application_lets_two_requests_of_a_user_run_at_once() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch go = new CountDownLatch(1);
    deed =
        (request, response) -> {
          begun.countDown();
          await(go);
          response.setStatus(204);
        };
    HttpRequest slow = request("/slow").header("X-API-Key", key).build();
    CompletableFuture<HttpResponse<Void>> first = CLIENT.sendAsync(slow, BodyHandlers.discarding());
    CompletableFuture<HttpResponse<Void>> second = CLIENT.sendAsync(slow, BodyHandlers.discarding());
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    HttpResponse<String> third = get("/slow");

    assertProblem(third, 429, "rate-limit-exceeded");
    assertThat(third.body()).contains("\"violated-policies\":[\"at-once\"]");
    go.countDown();
    assertThat(first.join().statusCode()).isEqualTo(204);
    assertThat(second.join().statusCode()).isEqualTo(204);
    Awaitility.await().until(() -> OUTCOMES.size() == 2);
    assertThat(field(get("/slow"), "X-RateLimit-Remaining")).as("the refused one has cost nothing").isEqualTo("2");
  }

  @Test
  void what_was_transferred_is_on_the_account_of_the_user() throws Exception {
    deed =
        (request, response) -> {
          request.getInputStream().readAllBytes();
          response.getOutputStream().write(new byte[50]);
        };
    HttpRequest post = request("/upload").header("X-API-Key", key).POST(BodyPublishers.ofByteArray(new byte[30])).build();

    assertThat(CLIENT.send(post, BodyHandlers.discarding()).statusCode()).isEqualTo(200);

    assertSettled(200, 30, 50, Ending.ANSWERED);
    assertThat(used(Meter.BYTES)).isEqualTo(80);
    assertThat(used(Meter.REQUESTS)).isEqualTo(1);
  }

  @Test
  void an_asynchronous_answer_is_settled_once_when_it_is_complete() throws Exception {
    byte[] body = new byte[200_000];
    deed =
        (request, response) -> {
          AsyncContext async = request.startAsync();
          async.start(
              () -> {
                write(async, body);
                assertThat(OUTCOMES).as("not before it is complete").isEmpty();
                async.complete();
              });
        };

    HttpResponse<String> answer = get("/slow");

    assertThat(answer.body()).hasSize(body.length);
    assertThat(field(answer, "X-RateLimit-Remaining")).isEqualTo("4");
    assertSettled(200, 0, body.length, Ending.ANSWERED);
    assertThat(used(Meter.BYTES)).isEqualTo(body.length);
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

    assertThat(get("/again").body()).hasSize(10);
    assertSettled(200, 0, 10, Ending.ANSWERED);
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
        };

    HttpResponse<String> answer = get("/text");

    assertThat(answer.body()).isEqualTo(TEXT);
    assertThat(field(answer, "Content-Type")).isEqualToIgnoringCase("text/plain;charset=utf-8");
    assertSettled(200, 0, TEXT.getBytes(UTF_8).length, Ending.ANSWERED);
  }

  @Test
  void an_exception_before_the_answer_has_begun_is_settled_once_as_the_500_that_it_becomes() throws Exception {
    deed =
        (request, response) -> {
          response.getWriter().print("begun");
          throw new IllegalStateException("by intent");
        };

    HttpResponse<String> answer = get("/broken");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).as("Tomcat sends what was written").isEqualTo("begun");
    assertSettled(500, 0, 5, Ending.ANSWERED);
  }

  @Test
  void an_exception_in_the_middle_of_the_answer_is_settled_once_as_broken_off() throws Exception {
    deed =
        (request, response) -> {
          response.getOutputStream().write(new byte[100]);
          response.flushBuffer();
          throw new ServletException("by intent");
        };

    assertThatThrownBy(() -> get("/broken")).isInstanceOf(IOException.class);
    assertSettled(200, 0, 100, Ending.ABORTED);
  }

  @Test
  void nothing_is_transferred_in_answer_to_head() throws Exception {
    deed = (request, response) -> response.getOutputStream().write(new byte[50]);
    HttpRequest head = request("/a").header("X-API-Key", key).method("HEAD", BodyPublishers.noBody()).build();

    assertThat(CLIENT.send(head, BodyHandlers.ofString()).body()).isEmpty();
    assertSettled(200, 0, 0, Ending.ANSWERED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/../b", "/a/./b", "/a/%2e%2E/b", "/a/..;x/b", "/a%2F..%2Fb", "/a/.."})
  void dot_segments_are_400_however_they_are_written(String path) throws Exception {
    assertProblem(get(path), 400, "bad-request");
  }

  @Test
  void a_target_reaches_the_application_as_it_was_sent() throws Exception {
    deed = (request, response) -> response.getWriter().print(request.getRequestURI() + "?" + request.getQueryString());

    String target = "/plain/http://host/a%2Fb%25c;d?e=%20&e";

    assertThat(get(target).body()).isEqualTo(target);
  }

  @ParameterizedTest
  @CsvSource({
    "200, 'public, max-age=60', false",
    "200, 'private, max-age=60', true",
    "200, , true",
    "404, 'public, max-age=60', true"
  })
  void what_a_shared_cache_may_keep_does_not_say_what_one_caller_has_left(
      int status, String cacheControl, boolean told) throws Exception {
    deed =
        (request, response) -> {
          PrintWriter writer = response.getWriter();
          response.setStatus(status);
          if (cacheControl != null) {
            response.setHeader("Cache-Control", cacheControl);
          }
          writer.print("body");
        };

    HttpResponse<String> answer = get("/cached");

    assertThat(answer.statusCode()).isEqualTo(status);
    for (String name : List.of("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit")) {
      assertThat(answer.headers().firstValue(name).isPresent()).as(name).isEqualTo(told);
    }
  }

  private long used(Meter meter) {
    return gateway.use.used(
        new QuotaKey(user, meter, Window.MONTH, Window.MONTH.startAt(Instant.now(), BillingCalendar.UTC)));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(AsyncContext async, byte[] body) {
    try {
      async.getResponse().getOutputStream().write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target)).timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> get(String target, String... fields) throws IOException, InterruptedException {
    HttpRequest.Builder request = request(target).header("X-API-Key", key);
    return send(fields.length == 0 ? request : request.headers(fields));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
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

  private static void assertSettled(int status, long requestBytes, long responseBytes, Ending ending) {
    // The client may have its answer before the container has told the filter that it is complete.
    Awaitility.await().until(() -> !OUTCOMES.isEmpty());
    assertThat(OUTCOMES)
        .hasSize(1)
        .first()
        .extracting(Outcome::status, Outcome::requestBytes, Outcome::responseBytes, Outcome::ending)
        .containsExactly(status, requestBytes, responseBytes, ending);
  }
}

package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.gatehouse.core.tls.Authority;
import io.gatehouse.jetty.fixture.GatewayNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a command when the way to the gateway is bad. */
class ServerWayTest {

  private static final String TOKEN = "a-token-of-the-tests";

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory).with("GATEHOUSE_CLI_TOKEN", TOKEN);
  }

  private HttpServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.stop(0);
    }
  }

  /** Answers one request, or closes the connection without an answer by throwing. */
  @FunctionalInterface
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private String serve(Answer answer) throws IOException {
    return serve(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0), "http", answer);
  }

  private String serve(HttpServer made, String scheme, Answer answer) {
    server = made;
    server.createContext("/", exchange -> {
      try (exchange) {
        answer.to(exchange);
      }
    });
    server.start();
    return scheme + "://127.0.0.1:" + server.getAddress().getPort();
  }

  private static void say(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Test
  void a_user_whose_answer_was_lost_is_made_once() throws Exception {
    try (GatewayNode node = GatewayNode.start(directory.resolve("node"), "")) {
      AtomicInteger posts = new AtomicInteger();
      List<String> keys = new CopyOnWriteArrayList<>();
      HttpClient onward = HttpClient.newHttpClient();
      String lossy = serve(exchange -> {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + exchange.getRequestURI()))
                .method(
                    exchange.getRequestMethod(),
                    HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
        for (String name : List.of("Authorization", "Content-Type", "Idempotency-Key")) {
          String value = exchange.getRequestHeaders().getFirst(name);
          if (value != null) {
            request.header(name, value);
          }
        }
        HttpResponse<String> response;
        try {
          response = onward.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        if (exchange.getRequestMethod().equals("POST")) {
          keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
          if (posts.getAndIncrement() == 0) {
            throw new IOException("the answer is lost");
          }
        }
        say(exchange, response.statusCode(), response.body());
      });
      shell.with("GATEHOUSE_CLI_SERVER", lossy).with("GATEHOUSE_CLI_TOKEN", GatewayNode.ADMIN_TOKEN);

      Shell.Result made = shell.run("users", "create", "acme");

      assertThat(made.exit()).isZero();
      assertThat(posts).hasValue(2);
      assertThat(keys.get(0)).isEqualTo(keys.get(1));
      assertThat(shell.json("users", "list").path("users").findValuesAsText("id")).containsExactly(made.out().strip());
    }
  }

  @Test
  void a_delete_whose_answer_was_lost_is_not_sent_again_and_says_so() throws Exception {
    AtomicInteger deletes = new AtomicInteger();
    String lossy = serve(exchange -> {
      if (exchange.getRequestMethod().equals("DELETE")) {
        deletes.incrementAndGet();
        throw new IOException("the answer is lost");
      }
      say(exchange, 200, "{\"id\":\"k\"}");
    });

    Shell.Result result = shell.run("keys", "revoke", "k", "--server", lossy);

    assertThat(result.exit()).isEqualTo(69);
    assertThat(result.err()).contains("was lost before it answered DELETE keys/k", "whether it was done can be seen by asking");
    assertThat(deletes).hasValue(1);
  }

  @Test
  void where_nobody_listens_it_is_said_who_was_asked_and_what_to_check() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    Shell.Result result = shell.run("users", "list", "--server", "http://127.0.0.1:" + port);

    assertThat(result).isEqualTo(new Shell.Result(69, "", CliTest.lines(
        "error: cannot connect to http://127.0.0.1:" + port + ": connection refused",
        "  help: is the gateway running there, and does it serve administration on this port (admin.listen)?")));
  }

  @Test
  void something_else_than_a_gateway_is_told_as_such() throws Exception {
    String other = serve(exchange -> say(exchange, 404, "<html>"));

    Shell.Result result = shell.run("routes", "list", "--server", other);

    assertThat(result.exit()).isEqualTo(66);
    assertThat(result.err()).contains(other + " answered 404 and not as the administration of a gateway does");
  }

  @Test
  void a_store_that_is_away_behind_the_gateway_is_unavailable_and_says_when_to_try_again() throws Exception {
    String away = serve(exchange -> {
      exchange.getResponseHeaders().add("Retry-After", "1");
      say(exchange, 503, "{\"type\":\"urn:gatehouse:problem:store-unavailable\",\"detail\":\"The store cannot answer now.\"}");
    });

    assertThat(shell.run("plans", "list", "--server", away)).isEqualTo(new Shell.Result(
        69, "", CliTest.lines("error: the store cannot answer now", "  help: try again in 1 s")));
  }

  @Test
  void who_does_not_answer_in_time_is_given_up() throws Exception {
    String silent = serve(exchange -> {
      try {
        Thread.sleep(2_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });

    Shell.Result result = shell.run("keys", "revoke", "k", "--server", silent, "--timeout", "100ms");

    assertThat(result.exit()).isEqualTo(69);
    assertThat(result.err()).contains("has not answered GET keys/k");
  }

  @Test
  void a_certificate_is_believed_when_its_authority_is_named() throws Exception {
    Authority authority = new Authority(directory.resolve("tls"));
    HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(authority.issue("s", "EC", "dns:localhost,ip:127.0.0.1").context()));
    String url = serve(secure, "https", exchange -> say(exchange, 200, "{\"plans\":[]}"));

    Shell.Result doubted = shell.run("plans", "list", "--server", url);
    assertThat(doubted.exit()).isEqualTo(69);
    assertThat(doubted.err()).contains("there is no secure connection to " + url, "--ca-file");
    assertThat(shell.run("plans", "list", "--server", url, "--ca-file", authority.certificate().toString()).exit()).isZero();
    shell.with("GATEHOUSE_CLI_CA_FILE", directory.resolve("nothing.pem").toString());
    assertThat(shell.run("plans", "list", "--server", url).exit()).isEqualTo(1);
  }

  @Test
  void the_token_comes_from_a_file_standard_input_or_the_environment_and_never_from_an_argument() throws Exception {
    List<String> tokens = new CopyOnWriteArrayList<>();
    String url = serve(exchange -> {
      tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
      say(exchange, 200, "{\"plans\":[]}");
    });
    Shell bare = new Shell(directory).with("GATEHOUSE_CLI_SERVER", url).file("token", "of-the-file\n").in("of-stdin\n");

    Shell.Result none = bare.run("plans", "list");
    assertThat(none.exit()).isEqualTo(2);
    assertThat(none.err()).contains("no administrator's token", "--token-file FILE");
    bare.run("plans", "list", "--token-file", "token");
    bare.run("plans", "list", "--token-file", "-");
    bare.with("GATEHOUSE_CLI_TOKEN", "of-the-variable").run("plans", "list");
    bare.with("GATEHOUSE_CLI_TOKEN_FILE", "token").run("plans", "list");
    assertThat(tokens)
        .containsExactly("Bearer of-the-file", "Bearer of-stdin", "Bearer of-the-variable", "Bearer of-the-file");
    assertThat(bare.in("two\nlines").run("plans", "list", "--token-file", "-").exit()).isEqualTo(2);
    assertThat(bare.run("plans", "list", "--token-file", "nowhere").err()).contains("there is no file nowhere");
  }

  @Test
  void commands_of_this_machine_ask_no_gateway() {
    assertThat(shell.run("config", "check", "--server", "http://127.0.0.1:1").exit()).isEqualTo(2);
    assertThat(shell.run("--server", "http://127.0.0.1:1").exit()).isEqualTo(2);
    assertThat(shell.run("keys", "peppers", "--server", "http://127.0.0.1:1").err()).contains("it works on the database");
    assertThat(shell.run("migrate", "--server", "http://127.0.0.1:1").exit()).isEqualTo(2);
    assertThat(shell.run("users", "list", "--server", "gateway:8081").err()).contains("expected: an address such as https://");
    assertThat(shell.with("GATEHOUSE_CLI_SERVER", "http://127.0.0.1:1").run("config", "check").exit())
        .as("a variable that is there for other commands is in nobody's way")
        .isZero();
  }
}

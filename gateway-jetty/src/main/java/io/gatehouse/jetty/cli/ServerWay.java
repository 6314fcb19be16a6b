package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.jetty.admin.AdminServlet;
import io.gatehouse.jetty.admin.Reply;
import io.gatehouse.jetty.admin.Request;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Administration of a gateway that runs, over HTTP. A request whose answer was lost is sent again, where that does the same
 * once more as once: those that make something carry a key of their own, by which the gateway knows them
 * ({@code Idempotency-Key}). After a lost answer of a DELETE nothing is sent again, since the second would say that there
 * is nothing.
 */
final class ServerWay implements Way {

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Pauses before the second and the third time. */
  private static final long[] PAUSES_MILLIS = {200, 1_000};

  private static final Set<String> REPEATABLE = Set.of("GET", "POST", "PUT", "PATCH");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI server;
  private final String root;
  private final String token;
  private final Duration timeout;
  private final HttpClient client;

  /**
   * The way to a gateway.
   *
   * @param server with scheme and host; a path goes before those of administration
   * @param trust who may certify it; null: those that Java trusts
   * @param timeout for one answer
   */
  ServerWay(URI server, String token, @Nullable SSLContext trust, Duration timeout) {
    this.server = server;
    this.root = server.toString().replaceAll("/+$", "") + AdminServlet.ROOT;
    this.token = token;
    this.timeout = timeout;
    HttpClient.Builder builder =
        HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1);
    if (trust != null) {
      builder.sslContext(trust);
    }
    this.client = builder.build();
  }

  @Override
  public Reply ask(Request request) {
    HttpRequest sent = sent(request);
    for (int time = 0; ; time++) {
      try {
        Reply reply = reply(client.send(sent, HttpResponse.BodyHandlers.ofByteArray()));
        if (time == 0 || time == PAUSES_MILLIS.length || !isStillUnderWay(reply)) {
          return reply;
        }
      } catch (IOException e) {
        boolean again = REPEATABLE.contains(request.method()) && arrivedPerhaps(e);
        if (!again || time == PAUSES_MILLIS.length) {
          throw failure(e, request);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
      pause(PAUSES_MILLIS[time]);
    }
  }

  private HttpRequest sent(Request request) {
    String target = root + request.path() + (request.query().isEmpty() ? "" : "?" + request.query());
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(target)).timeout(timeout).header("Authorization", "Bearer " + token);
    request.headers().forEach(builder::header);
    if (request.method().equals("POST")) {
      builder.header("Idempotency-Key", UUID.randomUUID().toString());
    }
    Optional<String> body = request.document().map(JsonNode::toString);
    if (body.isPresent()) {
      builder.header("Content-Type", "application/json");
    }
    return builder
        .method(
            request.method(),
            body.map(HttpRequest.BodyPublishers::ofString).orElseGet(HttpRequest.BodyPublishers::noBody))
        .build();
  }

  private static Reply reply(HttpResponse<byte[]> response) {
    Map<String, String> headers = new LinkedHashMap<>();
    response.headers().map().forEach((name, values) -> headers.put(name, values.get(0)));
    return new Reply(response.statusCode(), headers, document(response.body()));
  }

  private static Optional<JsonNode> document(byte[] body) {
    try {
      return Optional.of(JSON.readTree(body)).filter(JsonNode::isObject);
    } catch (IOException e) {
      return Optional.empty(); // of something else than a gateway, which the status tells
    }
  }

  /** Whether the first of two requests with the same key has arrived, and is not answered yet. */
  private static boolean isStillUnderWay(Reply reply) {
    return reply.document().map(problem -> problem.path("type").asText().endsWith(":request-in-progress")).orElse(false);
  }

  /** Whether it may have been done although no answer came. */
  private static boolean arrivedPerhaps(IOException e) {
    return !(e instanceof ConnectException || e instanceof HttpConnectTimeoutException || e instanceof SSLException);
  }

  private CommandFailure failure(IOException e, Request request) {
    if (e instanceof SSLException) {
      return unreachable(
          "there is no secure connection to " + server + ": " + e.getMessage(),
          "--ca-file names the certificates of who has certified it; its name must be that of --server", e);
    }
    if (e instanceof HttpTimeoutException && !(e instanceof HttpConnectTimeoutException)) {
      return unreachable(
          server + " has not answered " + request.method() + " " + request.path() + " within " + timeout.toSeconds() + " s",
          "whether it was done can be seen by asking; --timeout waits longer", e);
    }
    if (arrivedPerhaps(e)) {
      return unreachable(
          server + " was lost before it answered " + request.method() + " " + request.path() + ": " + why(e),
          "whether it was done can be seen by asking", e);
    }
    return unreachable(
        "cannot connect to " + server + ": " + why(e),
        "is the gateway running there, and does it serve administration on this port (admin.listen)?", e);
  }

  private static String why(IOException e) {
    if (e instanceof HttpConnectTimeoutException) {
      return "nobody answered within " + CONNECT.toSeconds() + " s";
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "there is no host of this name";
      }
      if (cause.getMessage() != null) {
        return cause.getMessage();
      }
    }
    return e instanceof ConnectException ? "connection refused" : e.toString();
  }

  private static CommandFailure unreachable(String message, String help, IOException cause) {
    return new CommandFailure(Exit.UNAVAILABLE, message, help, cause);
  }

  private static CommandFailure interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CommandFailure(Exit.FAILED, "interrupted", "", e);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public String toString() {
    return server.toString();
  }

  /** Java's client ends its threads when nobody refers to it. */
  @Override
  public void close() {}
}

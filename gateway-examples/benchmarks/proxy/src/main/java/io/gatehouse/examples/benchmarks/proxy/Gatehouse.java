package io.gatehouse.examples.benchmarks.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** One Gatehouse: its file of settings, and who may call it. */
final class Gatehouse {

  /** Never reached, so that no request is refused; each is charged all the same. */
  private static final long PLENTY = 1_000_000_000_000L;

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final int TOKEN_BYTES = 32;

  private final Workplace workplace;
  private final String name;
  private final int port;
  private final Backends backends;
  private final Jdk jdk;
  private final List<String> flags;
  private final Path settings;
  private final Path data;
  private final String adminToken = secret();
  private final String pepper = secret();

  Gatehouse(Workplace workplace, String name, int port, Backends backends, Jdk jdk, List<String> flags) {
    this.workplace = workplace;
    this.name = name;
    this.port = port;
    this.backends = backends;
    this.jdk = jdk;
    this.flags = List.copyOf(flags);
    this.settings = workplace.temporary(name + "/gatehouse.yaml");
    this.data = workplace.temporary(name + "/data");
  }

  /**
   * Writes the settings and has a gateway make a user with a key, over its administration API; it is stopped again, so
   * that a start can be measured that has nothing to make.
   *
   * @return the keys with which it is to be asked
   */
  List<String> prepare(Policies policies) {
    switch (policies) {
      case NONE -> {
        Contenders.write(settings, common() + """
            auth: {required: false}
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            observability: {metrics_enabled: false, log_level: warn}
            """);
        return List.of();
      }
      case ALL -> Contenders.write(settings, common() + all());
      case SHARED -> {
        Servers servers = Servers.start(workplace, name);
        Contenders.write(settings, common() + all() + """
            redis: {addr: "127.0.0.1:%d"}
            database: {dsn: "postgres://postgres:postgres@127.0.0.1:%d/postgres"}
            """.formatted(servers.redisPort(), servers.postgresPort()));
      }
    }
    try (Child gateway = Child.start(workplace, name, command(), Child.Output.LOG)) {
      awaitHealth(gateway);
      return List.of(userWithKey());
    }
  }

  /** The same with so many tenants of one user and one key each, written into the database at once. */
  List<String> prepareFor(int tenants) {
    // Otherwise all keys would be looked up anew in each round, since those of the others take longer than a minute.
    Contenders.write(settings, common() + all().replace("auth: {", "auth: {cache_ttl: 1d, "));
    return Tenants.write(settings, tenants);
  }

  Contender contender(List<String> keys) {
    String version = "Gatehouse " + Contenders.version(workplace.gatehouse());
    return new Contender(name, version, port, command(), Child.Output.NOWHERE, Optional.of(jdk), keys);
  }

  private List<String> command() {
    List<String> command = new ArrayList<>(Contenders.java(workplace, jdk, flags));
    command.addAll(List.of("-jar", workplace.gatehouse().toString(), "run", "--config", settings.toString()));
    return command;
  }

  private String common() {
    String urls = backends.urls().stream().map(url -> "  - {url: \"" + url + "\"}\n").collect(Collectors.joining());
    return """
        server: {host: 127.0.0.1, port: %d, shutdown_timeout: 2s}
        data_dir: "%s"
        admin: {token: "%s"}
        backends:
        %s""".formatted(port, data, adminToken, urls);
  }

  private String all() {
    return """
        auth: {pepper: "%s"}
        rate_limits:
          ip_level: {requests_per_minute: %2$d}
          user_level: {requests_per_minute: %2$d, requests_per_hour: %2$d}
          api_level: {requests_per_minute: %2$d}
        quotas: {requests_per_day: %2$d, bytes_per_month: 4096TiB}
        observability: {metrics_enabled: true, log_format: json}
        """.formatted(pepper, PLENTY);
  }

  private void awaitHealth(Child gateway) {
    long deadline = System.nanoTime() + START.toNanos();
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request = HttpRequest.newBuilder(uri("/health")).timeout(ANSWER).build();
    while (System.nanoTime() - deadline < 0) {
      gateway.requireAlive();
      try {
        if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
        Thread.sleep(20);
      } catch (IOException e) {
        // it does not listen yet
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new IllegalStateException(name + " does not start.\n" + gateway.endOfLog());
  }

  private String userWithKey() {
    String user = ask("POST", "/api/v1/users", "{\"name\":\"benchmark\",\"tenant\":\"benchmarks\"}").get("id").asText();
    ask("PUT", "/api/v1/users/" + user + "/whitelist", "{\"networks\":[\"10.0.0.0/8\",\"127.0.0.0/8\"]}");
    return ask("POST", "/api/v1/keys", "{\"user\":\"" + user + "\",\"name\":\"benchmark\"}").get("key").asText();
  }

  private JsonNode ask(String method, String path, String body) {
    HttpRequest request = HttpRequest.newBuilder(uri(path))
        .header("Authorization", "Bearer " + adminToken)
        .header("Content-Type", "application/json")
        .timeout(ANSWER)
        .method(method, BodyPublishers.ofString(body))
        .build();
    try {
      HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
      }
      return new ObjectMapper().readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static String secret() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}

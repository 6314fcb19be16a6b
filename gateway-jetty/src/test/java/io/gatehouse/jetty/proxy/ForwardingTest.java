package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.Subject;
import io.gatehouse.jetty.fixture.Wire.Head;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What arrives on the other side, byte for byte. */
class ForwardingTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: gate.example\r\n";

  private final ProxySettings.Builder settings = ProxySettings.builder();
  private ScriptedBackend backend;
  private Verbs verbs;
  private Front front;

  @BeforeEach
  void start() throws Exception {
    backend = ScriptedBackend.saying("hello");
    verbs = new Verbs(List.of(backend.upstream()));
    front = new Front(verbs, settings.build());
  }

  @AfterEach
  void stop() throws Exception {
    front.close();
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "//", "//x/y", "///", "/a", "/a?", "/a??", "/a?x", "/a?x=1&x=2&&=", "/a%2Fb//c?x=1",
      "/a%25b", "/%25%32%46", "/a+b?c+d", "/a;b=c;d", "/;", "/a//b/", "/a?q=%zz", "/a?q=%", "/a?http://x/../y?z",
      "/insecure/rs:fit:300:200/plain/local:///a%2Fb.jpg@webp", "/plain/http://host:81/p.jpg?sig=%2B+=",
      "/plain/http%3A%2F%2Fhost%2Fp%25.jpg", "/s3://bucket/key", "/a:b@c", "/~a_-.!$&'()*,=", "/%C3%A4",
      "/%c3%a4", "/..a/.b/c..", "/a%20b", "/a|b", "/a?{\"x\":[1]}"})
  void targets_arrive_byte_for_byte(String target) throws Exception {
    Head answer = exchange("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");

    assertThat(answer.line()).isEqualTo("HTTP/1.1 200 OK");
    assertThat(backend.request().line()).isEqualTo("GET " + target + " HTTP/1.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/../a", "/a/../b", "/a/./b", "/..", "/%2e%2e/b", "/a/%2E/b", "/a%2f..%2fb", "/a/..;x/b",
      "/.%2e/a"})
  void dot_segments_are_bad_requests(String target) throws Exception {
    assertThat(exchange("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").status()).isEqualTo(400);
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void there_are_no_tunnels() throws Exception {
    assertThat(exchange("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").status()).isBetween(400, 499);
    assertThat(backend.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "PROPFIND", "get", "M-SEARCH"})
  void methods_arrive_as_sent(String method) throws Exception {
    exchange(method + " /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

    assertThat(backend.request().method()).isEqualTo(method);
  }

  @Test
  void nothing_is_added_but_what_a_proxy_must() throws Exception {
    exchange(GET + "\r\n");

    assertThat(backend.request().fields()).extracting(field -> field[0] + ": " + field[1])
        .containsExactlyInAnyOrder(
            "Host: 127.0.0.1:" + backend.port(),
            "X-Forwarded-Host: gate.example",
            "X-Forwarded-For: 127.0.0.1",
            "X-Forwarded-Proto: http",
            "Via: 1.1 gatehouse");
  }

  @Test
  void fields_of_the_connection_stay_on_it() throws Exception {
    Head answer = exchange(GET + "Connection: Upgrade, X-Hop\r\nconnection: x-hop-2\r\nX-Hop: 1\r\nX-Hop-2: 2\r\nKeep-Alive: 5\r\n"
        + "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nTE: trailers\r\nTrailer: X\r\n"
        + "Upgrade: h2c\r\nX-End: to end\r\n\r\n");

    assertThat(answer.line()).isEqualTo("HTTP/1.1 200 OK");
    Head seen = backend.request();
    for (String name : List.of("Connection", "X-Hop", "X-Hop-2", "Keep-Alive", "Proxy-Connection",
        "Proxy-Authorization", "TE", "Trailer", "Upgrade")) {
      assertThat(seen.has(name)).as(name).isFalse();
    }
    assertThat(seen.first("X-End")).isEqualTo("to end");
  }

  @Test
  void fields_of_the_backends_connection_stay_on_it_and_the_others_come_as_they_are() throws Exception {
    backend.script((request, wire) -> wire.send("HTTP/1.1 404 Whatever\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\n"
        + "Keep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nUpgrade: h2c\r\nTrailer: X\r\n"
        + "Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=\"2, 3\"; HttpOnly\r\n"
        + "Content-Disposition: inline; filename=\"a, b.jpg\"\r\n"
        + "WWW-Authenticate: Basic realm=\"x, y\", charset=\"UTF-8\"\r\n"
        + "Content-Type: text/plain;charset=utf-8\r\nContent-Encoding: gzip\r\nETag: W/\"x\"\r\n"
        + "Location: /elsewhere//x\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: imgproxy\r\nvary: Accept\r\n"
        + "X-Empty:\r\nContent-Length: 3\r\n\r\nabc"));

    try (Wire client = front.connect().send(GET + "\r\n")) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(404);
      for (String name : List.of("Connection", "X-Hop", "Keep-Alive", "Proxy-Authenticate", "Upgrade", "Trailer")) {
        assertThat(answer.has(name)).as(name).isFalse();
      }
      assertThat(answer.all("Set-Cookie")).containsExactly("a=1; Path=/", "b=\"2, 3\"; HttpOnly");
      assertThat(answer.all("Content-Disposition")).containsExactly("inline; filename=\"a, b.jpg\"");
      assertThat(answer.all("WWW-Authenticate")).containsExactly("Basic realm=\"x, y\", charset=\"UTF-8\"");
      assertThat(answer.all("Content-Type")).containsExactly("text/plain;charset=utf-8");
      assertThat(answer.all("Content-Encoding")).containsExactly("gzip");
      assertThat(answer.all("ETag")).containsExactly("W/\"x\"");
      assertThat(answer.all("Location")).containsExactly("/elsewhere//x");
      assertThat(answer.all("Date")).containsExactly("Thu, 01 Jan 1970 00:00:00 GMT");
      assertThat(answer.all("Server")).containsExactly("imgproxy");
      assertThat(answer.all("Vary")).containsExactly("Accept");
      assertThat(answer.all("X-Empty")).containsExactly("");
      assertThat(answer.all("Content-Length")).containsExactly("3");
      assertThat(answer.all("Via")).containsExactly("1.1 gatehouse");
      assertThat(client.body(answer)).isEqualTo("abc");
    }
  }

  @Test
  void what_only_we_may_say_does_not_come_from_outside() throws Exception {
    exchange(GET + "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n"
        + "X-Forwarded-Port: 1\r\nX_Forwarded_For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n"
        + "X-Gatehouse-User: root\r\nX-Gatehouse-Else: 1\r\nX_Gatehouse_User: root\r\nVia: 1.0 before\r\n\r\n");

    Head seen = backend.request();
    assertThat(seen.all("X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(seen.all("X-Forwarded-Proto")).containsExactly("http");
    assertThat(seen.all("X-Forwarded-Host")).containsExactly("gate.example");
    assertThat(seen.all("Via")).containsExactly("1.0 before", "1.1 gatehouse");
    for (String name : List.of("X-Forwarded-Port", "X_Forwarded_For", "Forwarded", "X-Real-IP", "X-Gatehouse-User",
        "X-Gatehouse-Else", "X_Gatehouse_User")) {
      assertThat(seen.has(name)).as(name).isFalse();
    }
  }

  @Test
  void credentials_of_the_gateway_do_not_reach_the_backend() throws Exception {
    restart(settings.strippedParameters(Set.of("api_key")).strippedHeaders(Set.of("X-Other")), Map.of());

    exchange("GET /a?x=%2F&api_key=s3cret&y HTTP/1.1\r\nHost: a\r\nX-API-Key: s3cret\r\nX-Other: s3cret\r\n"
        + "Authorization: bearer s3cret\r\n\r\n");

    Head seen = backend.request();
    assertThat(seen.target()).isEqualTo("/a?x=%2F&y");
    assertThat(seen.fields()).noneMatch(field -> field[1].contains("s3cret"));
  }

  @Test
  void credentials_of_the_backend_do() throws Exception {
    exchange(GET + "Authorization: Basic eDp5\r\n\r\n");
    assertThat(backend.request().all("Authorization")).containsExactly("Basic eDp5");

    restart(settings.bearer(ProxySettings.Bearer.FORWARDED), Map.of());
    exchange(GET + "Authorization: Bearer t\r\n\r\n");
    assertThat(backend.request().all("Authorization")).containsExactly("Bearer t");
  }

  @Test
  void the_backend_learns_who_calls_and_under_which_ids() throws Exception {
    restart(settings, Map.of(
        UpstreamServlet.SUBJECT, new Subject("u1", "k1"),
        UpstreamServlet.REQUEST_ID, "r-1",
        UpstreamServlet.TRACEPARENT, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

    exchange(GET + "X-Request-Id: theirs\r\ntraceparent: theirs\r\nX-Gatehouse-User: root\r\n\r\n");

    assertThat(backend.request().all("X-Gatehouse-User")).containsExactly("u1");
    assertThat(backend.request().all("X-Request-Id")).containsExactly("r-1");
    assertThat(backend.request().all("traceparent"))
        .containsExactly("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  }

  @Test
  void ids_of_the_client_pass_when_nobody_set_others() throws Exception {
    exchange(GET + "X-Request-Id: theirs\r\ntracestate: a=1\r\n\r\n");

    assertThat(backend.request().all("X-Request-Id")).containsExactly("theirs");
    assertThat(backend.request().all("tracestate")).containsExactly("a=1");
  }

  @Test
  void the_backend_sees_the_clients_host_if_it_is_to() throws Exception {
    restart(settings.host(ProxySettings.Host.OF_CLIENT), Map.of());

    exchange(GET + "\r\n");

    assertThat(backend.request().all("Host")).containsExactly("gate.example");
  }

  @Test
  void codings_are_the_clients_and_the_backends_affair() throws Exception {
    backend.script((request, wire) ->
        wire.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001f\u008bzz"));

    try (Wire client = front.connect().send(GET + "Accept-Encoding: gzip;q=0.5, br\r\n\r\n")) {
      assertThat(client.body(client.head())).isEqualTo("\u001f\u008bzz");
    }
    assertThat(backend.request().all("Accept-Encoding")).containsExactly("gzip;q=0.5, br");
  }

  @Test
  void redirects_are_the_clients_affair() throws Exception {
    backend.script((request, wire) ->
        wire.send("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"));

    Head answer = exchange(GET + "\r\n");

    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.first("Location")).isEqualTo("/b");
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void cookies_are_the_clients_affair() throws Exception {
    backend.script((request, wire) ->
        wire.send("HTTP/1.1 200 OK\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n\r\n"));
    exchange(GET + "\r\n");

    exchange(GET + "\r\n");

    assertThat(backend.request().has("Cookie")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"GET,204,", "GET,304,", "GET,304,77", "HEAD,200,77", "HEAD,200,", "HEAD,404,9"})
  void answers_without_a_body_have_none(String method, int status, String length) throws Exception {
    String field = length == null ? "" : "Content-Length: " + length + "\r\n";
    backend.script((request, wire) ->
        wire.send("HTTP/1.1 " + status + " X\r\n" + field + "ETag: \"e\"\r\n\r\n"));

    try (Wire client = front.connect().send(method + " / HTTP/1.1\r\nHost: a\r\n\r\n")) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(status);
      if (length != null && method.equals("HEAD")) {
        assertThat(answer.first("Content-Length")).isEqualTo(length);
      }
      assertThat(answer.first("ETag")).isEqualTo("\"e\"");
      client.send(method + " /again HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(status);
    }
    assertThat(verbs.said()).containsOnly("0 answered " + status);
    assertThat(front.endings()).containsOnly("ANSWERED");
  }

  @Test
  void requests_with_known_and_unknown_lengths_arrive_whole_and_the_connection_lives_on() throws Exception {
    StringBuilder bodies = new StringBuilder();
    backend.script((request, wire) -> {
      bodies.append(request.first("Content-Length")).append('/').append(request.first("Transfer-Encoding"))
          .append('/').append(wire.body(request)).append(' ');
      wire.send(ScriptedBackend.ok("ok"));
    });

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
      assertThat(client.body(client.head())).isEqualTo("ok");
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
      assertThat(client.body(client.head())).isEqualTo("ok");
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.body(client.head())).isEqualTo("ok");
      client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
      assertThat(client.body(client.head())).isEqualTo("ok");
    }
    assertThat(bodies.toString()).isEqualTo("5//hello /chunked/abcde 0// 2//hi ");
    assertThat(backend.request().has("Content-Type")).isFalse();
    assertThat(backend.connections()).isLessThan(4);
  }

  @Test
  void a_head_of_64_kilobytes_comes_through() throws Exception {
    String large = "v".repeat(16_000);
    backend.script((request, wire) -> wire.send("HTTP/1.1 200 OK\r\nA: " + large + "\r\nB: " + large + "\r\nC: "
        + large + "\r\nD: " + large + "\r\nContent-Length: 0\r\n\r\n"));

    Head answer = exchange(GET + "\r\n");

    assertThat(answer.first("D")).isEqualTo(large);
  }

  @Test
  void interim_answers_do_not_stand_in_the_way() throws Exception {
    backend.script((request, wire) -> wire.send("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
        + "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
        + ScriptedBackend.ok("final")));

    try (Wire client = front.connect().send(GET + "\r\n")) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.has("Link")).isFalse();
      assertThat(client.body(answer)).isEqualTo("final");
    }
  }

  @Test
  void a_client_that_waits_to_be_asked_for_its_body_is_asked_when_the_backend_asks() throws Exception {
    backend.script((request, wire) -> {
      assertThat(request.first("Expect")).isEqualTo("100-continue");
      wire.send("HTTP/1.1 100 Continue\r\n\r\n");
      wire.send(ScriptedBackend.ok(wire.body(request)));
    });

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(100);
      client.send("hello");
      assertThat(client.body(client.head())).isEqualTo("hello");
    }
  }

  @Test
  void a_client_that_waits_to_be_asked_is_not_asked_when_the_backend_refuses() throws Exception {
    backend.script((request, wire) -> wire.send("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno"));

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(417);
      assertThat(client.body(answer)).isEqualTo("no");
    }
  }

  @Test
  void a_client_that_waits_to_be_asked_is_asked_after_a_while_if_the_backend_does_not_know_of_it() throws Exception {
    backend.script((request, wire) -> wire.send(ScriptedBackend.ok(wire.body(request))));

    try (Wire client = front.connect()) {
      long start = System.nanoTime();
      client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(100);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(800), Duration.ofSeconds(3));
      client.send("hello");
      assertThat(client.body(client.head())).isEqualTo("hello");
    }
  }

  private Head exchange(String request) throws Exception {
    try (Wire client = front.connect().send(request)) {
      return client.head();
    }
  }

  private void restart(ProxySettings.Builder changed, Map<String, Object> attributes) throws Exception {
    front.close();
    front = new Front(verbs, changed.build(), attributes);
  }
}

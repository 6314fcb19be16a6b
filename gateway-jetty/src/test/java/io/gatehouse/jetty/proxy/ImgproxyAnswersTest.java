package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import io.gatehouse.jetty.websocket.Tunnels;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Which answers of imgproxy speak against a backend, on real connections. */
class ImgproxyAnswersTest {

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(UpstreamServlet.class);
  private ScriptedBackend backend;
  private Verbs verbs;
  private UpstreamServlet servlet;
  private Front front;

  @BeforeEach
  void start() throws Exception {
    backend = new ScriptedBackend((request, wire) -> {
      String[] said = request.target().substring(1).split("/");
      String words = said[1].replace('+', ' ');
      wire.send("HTTP/1.1 " + said[0] + " Whatever\r\nContent-Type: text/plain\r\nContent-Length: " + words.length()
          + "\r\n\r\n" + words);
    });
    verbs = new Verbs(List.of(backend.upstream()));
    ProxySettings settings = ProxySettings.builder().speaker(ProxySettings.Speaker.IMGPROXY).build();
    Lane lane = new Lane(verbs, new RetryBudget(), settings, Rewriting.NONE, Optional.empty(), Optional.empty());
    servlet = new UpstreamServlet(Lanes.of(lane), new Tunnels(Tunnels.IDLE_TIMEOUT));
    front = new Front(servlet, java.util.Map.of());
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void stop() throws Exception {
    log.detachAppender(lines);
    front.close();
    backend.close();
  }

  @Test
  void what_a_source_has_answered_is_told_and_speaks_against_nobody() throws Exception {
    for (int status : new int[] {401, 403, 404, 410, 429, 500, 502, 504}) {
      for (String words : List.of("Source+is+unreachable", "Source+image+is+unreachable")) {
        assertThat(status(status + "/" + words)).isEqualTo(status);
      }
    }
    await().untilAsserted(() -> assertThat(verbs.said()).hasSize(16).containsOnly("0 answered 404"));
    assertThat(servlet.imgproxyRefusals()).isZero();
  }

  @Test
  void who_does_not_know_our_signature_is_at_fault_and_told_of_once_a_minute() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(status("403/Forbidden")).isEqualTo(502);
    }
    await().untilAsserted(() -> assertThat(verbs.said()).hasSize(3).containsOnly("0 answered 500"));
    assertThat(servlet.imgproxyRefusals()).isEqualTo(3);
    assertThat(lines.list).filteredOn(line -> line.getFormattedMessage().contains("refuses what was signed")).hasSize(1);
  }

  @Test
  void who_refuses_in_other_words_is_told_of_and_left_in_peace() throws Exception {
    assertThat(status("403/No+entry")).isEqualTo(502);
    assertThat(status("401/Who+are+you")).isEqualTo(502);
    await().untilAsserted(() -> assertThat(verbs.said()).containsExactly("0 answered 403", "0 answered 401"));
    assertThat(servlet.imgproxyRefusals()).isEqualTo(2);
  }

  @Test
  void what_is_its_own_stays_its_own() throws Exception {
    assertThat(status("429/Too+many+requests")).isEqualTo(503);
    assertThat(status("500/Internal+error")).isEqualTo(502);
    assertThat(status("503/Timeout")).isEqualTo(504);
    await().untilAsserted(() -> assertThat(verbs.said())
        .containsExactly("0 answered 429", "0 answered 500", "0 answered 503"));
  }

  private int status(String path) throws Exception {
    try (Wire client = front.connect().send("GET /" + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) {
      Head head = client.head();
      client.body(head);
      return head.status();
    }
  }
}

package io.gatehouse.jetty.replay;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.gatehouse.Outcome;
import io.gatehouse.Subject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import net.logstash.logback.encoder.LogstashEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

class LineParserTest {

  private final LineParser parser = new LineParser();

  @Test
  void our_own_access_line_is_read_as_the_encoder_writes_it() {
    Logger access = (Logger) LoggerFactory.getLogger("io.gatehouse.access");
    LoggingEvent event =
        new LoggingEvent("", access, ch.qos.logback.classic.Level.INFO, "GET /a/b 429 1.5 ms", null, null);
    Object[][] fields = {
      {"method", "GET"}, {"path", "/a/b"}, {"status", 429}, {"duration_ms", 1.5}, {"request_bytes", 7L},
      {"response_bytes", 153L}, {"protocol", "HTTP/1.1"}, {"client", "2001:db8::1"}, {"user", "u1"}, {"key", "k1"},
      {"refused", "rate_limited"}, {"rule", "user-minute"}
    };
    for (Object[] field : fields) {
      event.addKeyValuePair(new KeyValuePair((String) field[0], field[1]));
    }
    LogstashEncoder encoder = new LogstashEncoder();
    encoder.setContext(access.getLoggerContext());
    encoder.start();
    String line = new String(encoder.encode(event), StandardCharsets.UTF_8).strip();

    Entry entry = entry(line);

    assertThat(entry.end()).isEqualTo(event.getInstant());
    assertThat(entry.elapsed()).isEqualTo(Duration.ofNanos(1_500_000));
    assertThat(entry.method()).isEqualTo("GET");
    assertThat(entry.target()).isEqualTo("/a/b");
    assertThat(entry.clientAddress().getHostAddress()).isEqualTo("2001:db8:0:0:0:0:0:1");
    assertThat(entry.caller()).contains(new Subject("u1", "k1"));
    assertThat(entry.status()).isEqualTo(429);
    assertThat(entry.limited()).isTrue();
    assertThat(entry.stopped()).isFalse();
    assertThat(entry.contentLength()).isEqualTo(7);
  }

  @Test
  void who_ended_a_request_is_known_if_the_line_says_so() {
    assertThat(entry(own("\"outcome\":\"UNANSWERED\",\"backend\":\"http://b\"")).ending())
        .isEqualTo(Outcome.Ending.UNANSWERED);
    assertThat(entry(own("\"backend\":\"http://b\"")).ending()).isEqualTo(Outcome.Ending.ANSWERED);
  }

  @Test
  void a_backend_that_says_429_or_403_has_refused_and_the_gateway_has_not() {
    String line = own("\"backend\":\"http://b\"");

    assertThat(entry(line.replace("200", "429")).wasRefused()).isFalse();
    assertThat(entry(line.replace("200", "403")).wasRefused()).isFalse();
    assertThat(entry(own("\"refused\":\"scope_missing\"").replace("200", "403")).stopped()).isTrue();
    assertThat(entry(own("\"user\":\"u\"").replace("200", "429")).limited()).isTrue();
  }

  @Test
  void the_combined_and_the_common_log_format_are_read() {
    String common = "192.0.2.7 - frank [23/Nov/2026:13:55:36 -0700] \"GET /a%20b?x=\\\"1\\\" HTTP/1.0\" 200 2326";

    for (String line : new String[] {common, common + " \"http://example.com/\" \"Mozilla/4.08 [en] (Win98)\""}) {
      Entry entry = entry(line);
      assertThat(entry.begin()).isEqualTo(Instant.parse("2026-11-23T20:55:36Z"));
      assertThat(entry.clientAddress().getHostAddress()).isEqualTo("192.0.2.7");
      assertThat(entry.target()).isEqualTo("/a%20b?x=\\\"1\\\"");
      assertThat(entry.caller()).isEmpty();
      assertThat(entry.responseBytes()).isEqualTo(2326);
    }
    assertThat(entry(common.replace("2326", "-")).responseBytes()).isZero();
    assertThat(entry(common.replace("200", "429")).limited()).isTrue();
  }

  @Test
  void other_lines_of_our_log_are_no_requests_and_no_mistakes() {
    assertThat(parser.parse("{\"@timestamp\":\"2026-11-23T10:00:00Z\",\"logger_name\":\"io.gatehouse.Main\"}"))
        .isEqualTo(new Line.Other());
    assertThat(parser.parse("{\"nested\":{\"a\":[1,2]},\"x\":null}")).isEqualTo(new Line.Other());
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "hello", "{", "{}x", "[1]", "{\"logger_name\":\"io.gatehouse.access\"}",
    "192.0.2.7 - - [99/Nov/2026:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1",
    "192.0.2.7 - - [23/Nov/2026:13:55:36 -0700] \"-\" 400 0",
    "example.com - - [23/Nov/2026:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1",
    "192.0.2.7 - - [23/Nov/2026:13:55:36 -0700] \"GET / HTTP/1.0\" 999 1"
  })
  void what_cannot_be_understood_is_told_without_being_quoted(String line) {
    assertThat(parser.parse(line)).isInstanceOfSatisfying(
        Line.Malformed.class, bad -> assertThat(bad.reason()).isNotBlank().doesNotContain(line));
  }

  @Test
  void wrong_values_in_our_own_line_are_malformed() {
    String good = own("\"user\":\"u\"");
    assertThat(parser.parse(good)).isInstanceOf(Line.Request.class);

    for (String[] swap : new String[][] {
      {"200", "2x0"}, {"200", "700"}, {"200", "50"}, {"192.0.2.1", "somewhere"}, {"2026-11-23T", "yesterday "},
      {"\"response_bytes\":5", "\"response_bytes\":-5"}, {"\"duration_ms\":0", "\"duration_ms\":-1"}
    }) {
      assertThat(parser.parse(good.replace(swap[0], swap[1]))).as(swap[1]).isInstanceOf(Line.Malformed.class);
    }
  }

  @Test
  void a_long_line_takes_no_long_time() {
    String line = "192.0.2.7 - - [23/Nov/2026:13:55:36 -0700] \"" + "\\\"a".repeat(20_000);

    assertThat(parser.parse(line)).isInstanceOf(Line.Malformed.class);
  }

  private Entry entry(String line) {
    Line parsed = parser.parse(line);
    assertThat(parsed).as(line).isInstanceOf(Line.Request.class);
    return ((Line.Request) parsed).entry();
  }

  private static String own(String more) {
    return "{\"@timestamp\":\"2026-11-23T10:00:00.5Z\",\"logger_name\":\"io.gatehouse.access\",\"method\":\"GET\","
        + "\"path\":\"/a\",\"status\":200,\"duration_ms\":0,\"response_bytes\":5,\"client\":\"192.0.2.1\"," + more + "}";
  }
}

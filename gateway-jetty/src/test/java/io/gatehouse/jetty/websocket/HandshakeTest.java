package io.gatehouse.jetty.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Inbound;
import io.gatehouse.jetty.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {

  /** The example of RFC 6455, 1.3. */
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  private final Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private String method = "GET";
  private long length;

  HandshakeTest() {
    fields.put("Upgrade", List.of("websocket"));
    fields.put("Connection", List.of("Upgrade"));
    fields.put("Sec-WebSocket-Key", List.of(KEY));
    fields.put("Sec-WebSocket-Version", List.of("13"));
  }

  @Test
  void the_example_of_the_rfc_is_one_and_its_answer_accepts_it() {
    assertThat(Handshake.wanted(request())).isTrue();
    assertThat(Handshake.objection(request())).isEmpty();
    assertThat(Handshake.accepted(request(), "websocket", ACCEPT)).isTrue();
  }

  @Test
  void names_are_tokens_of_a_list_without_case() {
    fields.put("Upgrade", List.of("h2c, WebSocket"));
    fields.put("Connection", List.of("keep-alive", "x, UPGRADE"));

    assertThat(Handshake.wanted(request())).isTrue();
  }

  @Test
  void one_of_the_two_fields_is_not_enough() {
    fields.put("Connection", List.of("keep-alive, upgraded"));
    assertThat(Handshake.wanted(request())).isFalse();

    fields.put("Connection", List.of("Upgrade"));
    fields.put("Upgrade", List.of("websockets"));
    assertThat(Handshake.wanted(request())).isFalse();
  }

  @Test
  void another_method_or_a_body_is_refused() {
    method = "POST";
    assertThat(refusedWith()).isEqualTo(400);

    method = "GET";
    length = 5;
    assertThat(refusedWith()).isEqualTo(400);
    length = -1;
    assertThat(refusedWith()).isEqualTo(400);
  }

  @Test
  void another_version_is_426_and_none_or_two_are_400() {
    fields.put("Sec-WebSocket-Version", List.of("8"));
    assertThat(refusedWith()).isEqualTo(426);

    fields.remove("Sec-WebSocket-Version");
    assertThat(refusedWith()).isEqualTo(400);
    fields.put("Sec-WebSocket-Version", List.of("13", "13"));
    assertThat(refusedWith()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "dGhlIHNhbXBsZSBub25jZ", "dGhlIHNhbXBsZQ==", "not base64 at all !!!!"})
  void a_key_that_is_not_16_bytes_is_refused(String key) {
    fields.put("Sec-WebSocket-Key", List.of(key));
    assertThat(refusedWith()).isEqualTo(400);
  }

  @Test
  void no_key_and_two_keys_are_refused() {
    fields.remove("Sec-WebSocket-Key");
    assertThat(refusedWith()).isEqualTo(400);
    fields.put("Sec-WebSocket-Key", List.of(KEY, KEY));
    assertThat(refusedWith()).isEqualTo(400);
  }

  @Test
  void an_answer_to_something_else_does_not_accept() {
    assertThat(Handshake.accepted(request(), "websocket", null)).isFalse();
    assertThat(Handshake.accepted(request(), null, ACCEPT)).isFalse();
    assertThat(Handshake.accepted(request(), "h2c", ACCEPT)).isFalse();
    assertThat(Handshake.accepted(request(), "websocket", ACCEPT.toLowerCase())).isFalse();
  }

  private int refusedWith() {
    return Handshake.objection(request()).map(Problem::status).orElse(0);
  }

  private Inbound request() {
    return new Inbound() {
      @Override
      public String method() {
        return method;
      }

      @Override
      public String target() {
        return "/";
      }

      @Override
      public Optional<String> header(String name) {
        return headers(name).stream().findFirst();
      }

      @Override
      public List<String> headers(String name) {
        return new ArrayList<>(fields.getOrDefault(name, List.of()));
      }

      @Override
      public InetAddress clientAddress() {
        return InetAddress.getLoopbackAddress();
      }

      @Override
      public long contentLength() {
        return length;
      }
    };
  }
}

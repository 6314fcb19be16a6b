package io.gatehouse.jetty.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.event.RequestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoggedTargetTest {

  private final LoggedTarget withQuery = new LoggedTarget(true, "licence", "gk_live_");
  private final LoggedTarget withoutQuery = new LoggedTarget(false, "", "gk_live_");

  @Test
  void the_query_is_there_only_where_it_is_wanted() {
    assertThat(withoutQuery.of("/a%2Fb", "x=1")).isEqualTo("/a%2Fb");
    assertThat(withQuery.of("/a%2Fb", "x=1&y")).isEqualTo("/a%2Fb?x=1&y");
    assertThat(withQuery.of("/a", "")).isEqualTo("/a");
  }

  @ParameterizedTest
  @CsvSource({
    "licence=secret, licence=***", "LICENCE=secret, LICENCE=***", "%6cicence=secret, %6cicence=***",
    "a=1&access_token=secret&b=2, a=1&access_token=***&b=2", "token=, token=***", "x=1&&api_key=secret, x=1&&api_key=***",
    "X-Amz-Signature=secret, X-Amz-Signature=***", "%zz=secret, %zz=***", "token=secret=secret, token=***",
    "tokens=3, tokens=3"
  })
  void the_value_of_a_parameter_that_may_be_a_credential_is_left_out(String query, String shown) {
    assertThat(withQuery.of("/a", query)).isEqualTo("/a?" + shown);
  }

  @Test
  void a_key_of_ours_is_left_out_wherever_it_stands() {
    assertThat(withoutQuery.of("/gk_live_abcDEF123/x/gk_live_zz", "")).isEqualTo("/gk_live_***/x/gk_live_***");
    assertThat(withQuery.of("/a", "q=gk_live_abc-1")).isEqualTo("/a?q=gk_live_***-1");
  }

  @Test
  void the_signature_of_a_signed_url_is_left_out() {
    String signature = "A-_9".repeat(10) + "abc";

    assertThat(withoutQuery.of("/i/4fzyo82mvyr9/1764000000/" + signature + "/rs:fit:300:200/bG9j", ""))
        .isEqualTo("/i/4fzyo82mvyr9/1764000000/***/rs:fit:300:200/bG9j");
    assertThat(withoutQuery.of("/" + signature + "/rs:fit:300:200/bG9j", "")).startsWith("/" + signature);
  }

  @Test
  void what_is_stored_is_on_one_line_and_not_too_long() {
    assertThat(withoutQuery.of("/a\u0000b\nc\ud800", "")).isEqualTo("/a?b?c?");
    assertThat(withoutQuery.of("/" + "a".repeat(5_000), "")).hasSize(RequestRecord.LONGEST_TARGET);
  }
}

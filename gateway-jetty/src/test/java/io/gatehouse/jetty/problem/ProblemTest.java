package io.gatehouse.jetty.problem;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {

  @Test
  void the_body_is_json_whatever_the_detail_holds() throws Exception {
    String detail = "quote \" backslash \\ newline \n nul \u0000 ümlaut 😀 </script>";

    JsonNode json =
        new ObjectMapper().readTree(
            Problem.of(429, "rate-limit-exceeded", "Rate limit exceeded", detail)
                .with("violated-policies", List.of("user-minute", "a\"b"))
                .with("retry-after", 3)
                .json());

    assertThat(json.get("type").asText()).isEqualTo("urn:gatehouse:problem:rate-limit-exceeded");
    assertThat(json.get("status").asInt()).isEqualTo(429);
    assertThat(json.get("detail").asText()).isEqualTo(detail);
    assertThat(json.get("violated-policies").get(1).asText()).isEqualTo("a\"b");
    assertThat(json.get("retry-after").asInt()).isEqualTo(3);
  }

  @Test
  void a_registered_type_is_kept_whole() {
    assertThat(Problem.of(429, Problem.QUOTA_EXCEEDED, "t", "d").json()).contains("\"" + Problem.QUOTA_EXCEEDED + "\"");
  }
}

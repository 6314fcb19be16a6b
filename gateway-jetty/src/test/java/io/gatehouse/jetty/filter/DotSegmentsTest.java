package io.gatehouse.jetty.filter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DotSegmentsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/.", "/..", "/a/../b", "/a/./b", "/a/..", "/%2e", "/%2E%2e/b", "/.%2e/b", "/a/%2e./b", "/..;x=1/b", "/.;/b",
        "/a%2f..%2fb", "/a%2F%2e%2e", "/a\\..\\b", "/a%5c..%5cb", "/a/..%2fb", "..", "/a//../b"
      })
  void a_segment_of_one_or_two_dots_is_found_however_it_is_written(String path) {
    assertThat(DotSegments.in(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/", "", "//", "/a//b", "/...", "/..a", "/a..", "/.well-known/x", "/a.b/c", "/%252e%252e/x", "/a%2Fb", "/%25",
        "/insecure/rs:fit:300:200/plain/local:///a%2Fb.jpg@webp", "/%2", "/%zz", "/a;..b", "/a+b;v=..x", "/..%20"
      })
  void everything_else_is_left_alone(String path) {
    assertThat(DotSegments.in(path)).isFalse();
  }
}

package io.gatehouse.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "/img, /img, true",
    "/img, /img/, true",
    "/img, /img/a?x=/b, true",
    "/img, /img?a, true",
    "/img, /;x/img, true",
    "/img, //;x/;y//img, true",
    "/a/b, /a/;x/b, true",
    "/img, /;img, false",
    "/img, /images, false",
    "/img, /im, false",
    "/img, /, false",
    "/img, /x/img, false",
    "/img, /IMG, false",
    "/img, *, false",
    "/, /, true",
    "/, /anything/at?all, true",
    "/a/b, /a/b/c, true",
    "/a/b, /a, false",
    "/a/b, /a/bc, false",
    "/a/b, /a?/b, false"
  })
  void a_path_covers_itself_and_what_lies_below_by_segments(String path, String target, boolean covered) {
    assertThat(endpoint(path).covers("GET", target)).isEqualTo(covered);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "/a/%62", "/%61/b", "//a//b", "/a//b/", "/a%2Fb", "/a%2fb/c", "/a;v=1/b", "/a/b;v=1", "/a;/b;/c", "/%2F/a/b"
  })
  void another_spelling_of_a_path_is_covered_too(String target) {
    assertThat(endpoint("/a/b").covers("GET", target)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/%2562", "/a/%6", "/a/%", "/a/%zz", "/a%3B/b", "/a/;b", "/a;/b%", "%", "", ";", "/a/%6g"})
  void what_only_looks_like_it_is_not(String target) {
    assertThat(endpoint("/a/b").covers("GET", target)).isFalse();
  }

  @Test
  void methods_are_compared_as_they_are_and_get_covers_head() {
    Endpoint reads = new Endpoint("reads", "/a", Set.of("GET"));
    Endpoint posts = new Endpoint("posts", "/a", Set.of("POST", "PUT"));

    assertThat(List.of("GET", "HEAD", "POST", "get")).filteredOn(method -> reads.covers(method, "/a"))
        .containsExactly("GET", "HEAD");
    assertThat(List.of("GET", "HEAD", "POST", "PUT")).filteredOn(method -> posts.covers(method, "/a"))
        .containsExactly("POST", "PUT");
    assertThat(endpoint("/a").covers("ANYTHING", "/a")).isTrue();
  }

  @Test
  void a_slash_at_the_end_of_a_path_says_nothing() {
    assertThat(endpoint("/img/")).isEqualTo(endpoint("/img"));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "img", "//", "/a//b", "/a/../b", "/a/.", "/..", "/a%20b", "/a?b", "/a#b", "/a;b", "/ä", "/a b"
  })
  void a_path_that_no_request_would_have_is_refused(String path) {
    assertThatIllegalArgumentException().isThrownBy(() -> endpoint(path)).withMessageStartingWith("path: " + path);
  }

  @Test
  void dots_inside_a_segment_are_no_dot_segments() {
    assertThat(endpoint("/.well-known/a..b/...").covers("GET", "/.well-known/a..b/.../c")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "A", "a_b", "a b", "a\"", "a1234567890123456789012345678901234567890"})
  void a_name_must_fit_into_the_names_of_rules(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint(name, "/a", Set.of()))
        .withMessageStartingWith("name: " + name);
  }

  @Test
  void a_cost_is_one_or_more() {
    for (long cost : new long[] {0, -1, Limit.MOST + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new EndpointLimits(endpoint("/a"), cost, EndpointLimits.Per.ALL, List.of()))
          .withMessage("cost: " + cost + " (expected: 1 to 2^53)");
    }
  }

  private static Endpoint endpoint(String path) {
    return new Endpoint("some", path, Set.of());
  }
}

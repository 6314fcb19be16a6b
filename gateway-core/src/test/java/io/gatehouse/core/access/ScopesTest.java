package io.gatehouse.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.key.ApiKey;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScopesTest {

  private static final List<String> METHODS = List.of("*", "GET", "HEAD", "POST");
  private static final List<String> PATHS = List.of("", "/", "/a", "/a/", "/a/b", "/a/bc", "/ab", "/b");

  @Test
  void without_scopes_the_other_side_decides() {
    assertThat(Scopes.common(Set.of(), Set.of())).isEmpty();
    assertThat(Scopes.common(Set.of("GET"), Set.of())).containsExactly("GET");
    assertThat(Scopes.common(Set.of(), Set.of("POST /upload"))).containsExactly("POST /upload");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, *, GET",
    "GET, HEAD, HEAD",
    "* /img/, GET, GET /img/",
    "GET /img, * /img/, GET /img/",
    "GET /img/a, GET /img, GET /img/a",
    "GET /, *, GET /"
  })
  void of_two_scopes_that_meet_the_narrower_method_and_path_are_left(String one, String other, String common) {
    assertThat(Scopes.common(Set.of(one), Set.of(other))).containsExactly(common);
    assertThat(Scopes.common(Set.of(other), Set.of(one))).containsExactly(common);
  }

  @ParameterizedTest
  @CsvSource({"GET, POST", "GET /img, GET /images", "* /a, * /b", "HEAD, POST /a"})
  void of_two_scopes_that_do_not_meet_something_is_left_that_covers_no_request(String one, String other) {
    Set<String> common = Scopes.common(Set.of(one), Set.of(other));

    assertThat(common).isEqualTo(Scopes.NOTHING).isNotEmpty();
    for (String method : METHODS) {
      for (String path : PATHS) {
        assertThat(allowed(common, method, path)).isFalse();
      }
    }
  }

  @Test
  void nothing_has_nothing_in_common_with_anything() {
    assertThat(Scopes.common(Scopes.NOTHING, Set.of("GET", "POST /a"))).isEqualTo(Scopes.NOTHING);
  }

  @Test
  void permissions_of_the_key_stay_and_have_no_say() {
    Set<String> permissions = Set.of("images:write", "images:read");

    assertThat(Scopes.common(permissions, Set.of())).isEqualTo(permissions);
    assertThat(Scopes.common(permissions, Set.of("GET")))
        .containsExactlyInAnyOrder("GET", "images:write", "images:read");
    assertThat(Scopes.common(Set.of("images:write", "* /a"), Set.of("GET")))
        .containsExactlyInAnyOrder("GET /a", "images:write");
    Set<String> nothing = Scopes.common(Set.of("images:write", "POST"), Set.of("GET"));
    assertThat(nothing).anyMatch(ApiKey::isRoute);
    assertThat(nothing.stream().filter(ApiKey::isRoute).noneMatch(scope -> Scopes.covers(scope, "GET", "/"))).isTrue();
  }

  /** Both, or neither: whatever the scopes, a request passes the common ones when it passes those of each side. */
  @Test
  void what_is_common_allows_exactly_what_both_sides_allow() {
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      Set<String> some = scopes(random);
      Set<String> others = scopes(random);

      Set<String> common = Scopes.common(some, others);

      for (String method : List.of("GET", "HEAD", "POST", "DELETE")) {
        for (String path : List.of("/", "/a", "/a/", "/a/b", "/a/b/c", "/a/bc", "/ab", "/ab/c", "/b", "/c", "*")) {
          assertThat(allowed(common, method, path))
              .as("%s %s by %s and %s, in common %s", method, path, some, others, common)
              .isEqualTo(allowed(some, method, path) && allowed(others, method, path));
        }
      }
    }
  }

  @Test
  void whoever_is_within_may_do_nothing_that_the_other_may_not() {
    assertThat(Scopes.within(Set.of(), Set.of())).isTrue();
    assertThat(Scopes.within(Set.of("GET", "a:b"), Set.of())).as("no scopes are everything").isTrue();
    assertThat(Scopes.within(Set.of(), Set.of("a:b"))).as("and so within nothing else").isFalse();
    assertThat(Scopes.within(Set.of("*"), Set.of("a:b"))).as("permissions do not narrow routes").isTrue();
    assertThat(Scopes.within(Set.of("a:b"), Set.of("a:b", "GET"))).as("without a route it is all of them").isFalse();
    assertThat(Scopes.within(Set.of("a:b", "GET"), Set.of("a:*", "GET"))).as("permissions are compared whole").isFalse();
    assertThat(Scopes.within(Set.of("GET /a/b", "HEAD /a"), Set.of("GET /a", "POST"))).isTrue();
    assertThat(Scopes.within(Set.of("GET /ab"), Set.of("GET /a"))).isFalse();
    assertThat(Scopes.within(Set.of("* /a"), Set.of("GET /a"))).isFalse();
  }

  @Test
  void no_request_is_allowed_to_whoever_is_within_and_not_to_the_other() {
    Random random = new Random(11);
    int within = 0;
    for (int round = 0; round < 5000; round++) {
      Set<String> some = scopes(random);
      Set<String> others = scopes(random);
      if (!Scopes.within(some, others)) {
        continue;
      }
      within++;
      for (String method : List.of("GET", "HEAD", "POST", "DELETE")) {
        for (String path : List.of("/", "/a", "/a/", "/a/b", "/a/bc", "/ab", "/b", "*")) {
          assertThat(allowed(others, method, path) || !allowed(some, method, path))
              .as("%s %s by %s within %s", method, path, some, others)
              .isTrue();
        }
      }
    }
    assertThat(within).isGreaterThan(500);
  }

  private static boolean allowed(Set<String> scopes, String method, String path) {
    return scopes.isEmpty() || scopes.stream().anyMatch(scope -> Scopes.covers(scope, method, path));
  }

  private static Set<String> scopes(Random random) {
    Set<String> scopes = new HashSet<>();
    for (int count = random.nextInt(4); count > 0; count--) {
      String path = PATHS.get(random.nextInt(PATHS.size()));
      scopes.add(METHODS.get(random.nextInt(METHODS.size())) + (path.isEmpty() ? "" : " " + path));
    }
    return scopes;
  }
}

package io.gatehouse.core.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.core.fixture.Requests;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {

  @Test
  void the_first_route_that_covers_a_request_holds() {
    Routes routes = new Routes(List.of(
        route("thumbs", "/img/thumbs"), route("images", "/img"), route("writes", "/", "POST", "PUT"),
        route("rest", "/")));

    assertThat(taken(routes, Requests.get("/img/thumbs/a.png"))).isEqualTo("thumbs");
    assertThat(taken(routes, Requests.get("/img/a.png?thumbs"))).isEqualTo("images");
    assertThat(taken(routes, Requests.get("/").method("PUT"))).isEqualTo("writes");
    assertThat(taken(routes, Requests.get("/"))).isEqualTo("rest");
    assertThat(routes.all()).extracting(Route::name).containsExactly("thumbs", "images", "writes", "rest");
  }

  @Test
  void without_a_route_that_covers_it_a_request_takes_none() {
    Routes routes = new Routes(List.of(route("images", "/img", "GET")));

    assertThat(routes.routeOf(Requests.get("/"))).isEmpty();
    assertThat(routes.routeOf(Requests.get("/img").method("POST"))).isEmpty();
    assertThat(new Routes(List.of()).routeOf(Requests.get("/"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/img, /img, true",
    "/img, /img/, true",
    "/img, /img/a, true",
    "/img, /img?w=1, true",
    "/img, /images, false",
    "/img, /im, false",
    "/img, /IMG, false",
    "/img/, /img, true",
    "/a/b, /a/b/c, true",
    "/a/b, /a/bc, false",
    "/, /, true",
    "/, /anything//%2F, true",
  })
  void a_path_covers_itself_and_all_below_it(String path, String target, boolean covered) {
    assertThat(taken(new Routes(List.of(route("r", path))), Requests.get(target))).isEqualTo(covered ? "r" : "");
  }

  @ParameterizedTest
  @CsvSource({"GET, GET, true", "GET, HEAD, true", "HEAD, GET, false", "GET, get, false", "POST, GET, false"})
  void a_method_covers_itself_and_get_covers_head(String method, String sent, boolean covered) {
    Routes routes = new Routes(List.of(route("r", "/", method)));

    assertThat(taken(routes, Requests.get("/").method(sent))).isEqualTo(covered ? "r" : "");
  }

  @ParameterizedTest
  @CsvSource({
    "img.example.com, img.example.com, true",
    "img.example.com, IMG.Example.COM, true",
    "IMG.example.com, img.example.com, true",
    "img.example.com, img.example.com:8443, true",
    "img.example.com, img.example.com., true",
    "img.example.com, img.example.com.:80, true",
    "img.example.com, xximg.example.com, false",
    "img.example.com, img.example.com.evil.test, false",
    "img.example.com, example.com, false",
    "img.example.com, '', false",
    "*.example.com, img.example.com, true",
    "*.example.com, a.b.EXAMPLE.com:80, true",
    "*.example.com, example.com, false",
    "*.example.com, .example.com, false",
    "*.example.com, evilexample.com, false",
    "[::1], [::1]:8080, true",
    "[::1], [::1], true",
    "[::1], [::2], false"
  })
  void a_host_is_compared_without_case_port_and_final_dot(String pattern, String sent, boolean covered) {
    Routes routes = new Routes(List.of(
        new Route("r", Optional.of(pattern), "/", Set.of(), "default", Optional.empty())));

    assertThat(taken(routes, Requests.get("/").with("Host", sent))).isEqualTo(covered ? "r" : "");
  }

  @Test
  void a_request_without_a_host_takes_only_routes_for_any_host() {
    Routes routes = new Routes(List.of(
        new Route("one", Optional.of("*.example.com"), "/", Set.of(), "default", Optional.empty()),
        route("any", "/")));

    assertThat(taken(routes, Requests.get("/"))).isEqualTo("any");
  }

  /** A server may read each of them as a path below /admin. */
  @ParameterizedTest
  @ValueSource(strings = {
    "/%61dmin", "/%61dmin/x", "/admi%6E", "//admin", "///admin/x", "/admin%2Fx", "/%2fadmin", "/admin;x=1/y",
    "/admin;", "/;a/admin", "//%61dmin;b"
  })
  void a_spelling_that_others_may_read_as_the_path_of_an_earlier_route_takes_no_route(String target) {
    Routes routes = new Routes(List.of(route("admin", "/admin"), route("rest", "/")));

    assertThat(taken(routes, Requests.get(target))).isEmpty();
  }

  @Test
  void a_spelling_that_stays_within_its_route_passes() {
    Routes routes = new Routes(List.of(route("images", "/img"), route("rest", "/")));

    assertThat(taken(routes, Requests.get("/img/a%2Fb//c;d/%2e"))).isEqualTo("images");
    assertThat(taken(routes, Requests.get("//a/%69mg;x"))).isEqualTo("rest");
    assertThat(taken(routes, Requests.get("/a?/%69mg//"))).isEqualTo("rest");
  }

  @Test
  void a_spelling_for_a_route_of_another_host_or_method_is_none_for_it() {
    Routes routes = new Routes(List.of(
        new Route("admin", Optional.of("a.test"), "/admin", Set.of("POST"), "default", Optional.empty()),
        route("rest", "/")));

    assertThat(taken(routes, Requests.get("/%61dmin").with("Host", "a.test"))).isEqualTo("rest");
    assertThat(taken(routes, Requests.get("/%61dmin").method("POST").with("Host", "b.test"))).isEqualTo("rest");
    assertThat(taken(routes, Requests.get("/%61dmin").method("POST").with("Host", "a.test"))).isEmpty();
  }

  @Test
  void what_is_no_route_is_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> route("Images", "/"));
    assertThatIllegalArgumentException().isThrownBy(() -> route("r", "img"));
    assertThatIllegalArgumentException().isThrownBy(() -> route("r", "/a/../b"));
    for (String host : List.of("", "*", "a.*", "*.*.test", "a b", "a.test:80", "http://a.test", ".test")) {
      assertThatIllegalArgumentException()
          .as(host)
          .isThrownBy(() -> new Route("r", Optional.of(host), "/", Set.of(), "default", Optional.empty()));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Routes(List.of(route("r", "/a"), route("r", "/b"))))
        .withMessage("routes: r twice (expected: every name once)");
  }

  private static Route route(String name, String path, String... methods) {
    return new Route(name, Optional.empty(), path, Set.of(methods), "default", Optional.empty());
  }

  private static String taken(Routes routes, Requests request) {
    return routes.routeOf(request).map(Route::name).orElse("");
  }
}

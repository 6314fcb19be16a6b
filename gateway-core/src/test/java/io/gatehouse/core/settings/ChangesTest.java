package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ChangesTest {

  @Test
  void settings_read_twice_are_the_same() {
    Changes changes = Changes.between(read("server: {port: 8080}"), read("# nothing\n"));

    assertThat(changes.atOnce()).isEmpty();
    assertThat(changes.atRestart()).isEmpty();
  }

  @Test
  void what_changed_is_named_by_when_it_can_become_active() {
    Effective running = read("""
        server: {port: 8080}
        backends:
          - {url: "http://a:1"}
          - {url: "http://b:1", weight: 5}
        redis: {addr: r, password: one}
        """);

    Changes changes = Changes.between(running, read("""
        server: {port: 9090}
        backends:
          - {url: "http://a:1"}
          - {url: "http://b:1", weight: 7}
          - {url: "http://c:1"}
        redis: {addr: r, password: two}
        rate_limits:
          user_level: {requests_per_minute: 5}
        """));

    assertThat(changes.atOnce()).containsExactly("backends[2].url", "backends[1].weight",
        "rate_limits.user_level.requests_per_minute", "rate_limits.user_level.requests_per_hour");
    assertThat(changes.atRestart()).containsExactly("server.port", "redis.password");
    assertThat(changes.toString()).doesNotContain("one", "two");
  }

  @Test
  void what_needs_a_restart_stays_as_it_runs_with_the_place_that_it_comes_from() {
    Effective running = read("server: {port: 8080}\ndatabase: {dsn: 'postgres://a/b'}");

    Effective next = read("server: {port: 9090}\nauth: {required: false}").within(running);

    assertThat(next.settings().server().port()).isEqualTo(8080);
    assertThat(next.settings().database()).isEqualTo(running.settings().database());
    assertThat(next.settings().auth().required()).isFalse();
    assertThat(next.values()).contains(
        new Effective.Value("database.driver", "postgres", "f.yaml:2"),
        new Effective.Value("auth.required", "false", "f.yaml:2"));
    assertThat(Changes.between(running, next).atRestart()).isEmpty();
  }

  @Test
  void what_cannot_be_together_with_what_runs_is_a_fault() {
    Effective running = read("server: {tls: {certificate: /c.pem, private_key: /k.pem}}");

    Effective next = read("admin: {listen: ':8081'}").within(running);
    assertThat(next.settings().server().tls()).isPresent();
    assertThat(next.settings().admin().listen()).as("which takes a restart").isEmpty();
    assertThatThrownBy(() -> read("server: {prot: 1}").within(running)).isInstanceOf(SettingsException.class);
  }

  @Test
  void every_name_of_what_needs_a_restart_is_one() {
    assertThat(Catalog.AT_RESTART).allSatisfy(name -> assertThat(Catalog.at(name).isPresent() || Catalog.isGroup(name))
        .as(name).isTrue());
    assertThat(Catalog.atRestart()).noneMatch(setting -> Catalog.listOf(setting).isPresent());
  }

  private static Effective read(String text) {
    return SettingsReader.read("f.yaml", text, Map.of());
  }
}

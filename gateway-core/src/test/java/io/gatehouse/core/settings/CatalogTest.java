package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogTest {

  @Test
  void no_two_settings_share_a_name_in_the_environment() {
    List<String> names = new ArrayList<>();
    for (Setting<?> setting : Catalog.all()) {
      names.add(setting.environmentName());
      names.add(setting.environmentName() + "_FILE");
    }

    assertThat(names).hasSizeGreaterThan(100).doesNotHaveDuplicates()
        .allMatch(name -> name.matches("GATEHOUSE_[A-Z0-9_]+"));
  }

  @Test
  void no_name_looks_like_what_kubernetes_says_of_a_service() {
    assertThat(Catalog.all()).extracting(Setting::environmentName)
        .noneMatch(name -> name.matches(".*_SERVICE_(HOST|PORT).*|.*_PORT_[0-9].*"));
  }

  @Test
  void every_default_is_a_value_and_is_written_the_shortest_way() throws BadValue {
    for (Setting<?> setting : Catalog.all()) {
      if (setting.fallback() != null) {
        assertThat(writtenAgain(setting, setting.fallback())).as(setting.path())
            .isEqualTo(setting.fallback().equals("60s") ? "1m" : setting.fallback());
      }
    }
  }

  @Test
  void only_what_tells_elements_of_lists_apart_must_be_set() {
    assertThat(Catalog.all()).filteredOn(setting -> setting.fallback() == null)
        .extracting(Setting::path).containsExactly("backends[].url", "pools[].name", "routes[].name",
            "images.tenants[].name", "rate_limits.endpoints[].name", "rate_limits.endpoints[].path");
  }

  @Test
  void names_are_those_of_the_file() {
    assertThat(Catalog.namesBelow("")).containsExactly("server", "data_dir", "database", "redis", "backends",
        "health_check", "balancer", "outlier_detection", "circuit_breaker", "discovery", "pools", "routes",
        "proxy", "images", "cache", "rate_limits", "abuse",
        "quotas", "auth", "admin", "observability", "request_log", "upload");
    assertThat(Catalog.namesBelow("backends[]")).containsExactly("url", "weight", "health_check_interval", "pool");
    assertThat(Catalog.namesBelow("rate_limits.ip_level")).containsExactly("requests_per_second",
        "requests_per_minute", "requests_per_hour", "requests_per_day", "burst", "algorithm", "concurrent", "shadow");
    assertThat(Setting.environmentName("backends[3].url")).isEqualTo("GATEHOUSE_BACKENDS_3_URL");
  }

  @Test
  void all_that_may_hold_a_password_is_a_secret() {
    assertThat(Catalog.all()).filteredOn(setting -> setting.type().shape() == Type.Shape.SECRET)
        .extracting(Setting::path)
        .containsExactly(
            "database.dsn", "redis.password", "images.key", "images.salt", "images.secret", "auth.pepper", "auth.other_peppers",
            "admin.token", "admin.registration_token", "upload.s3.access_key", "upload.s3.secret_key");
  }

  private static <T> String writtenAgain(Setting<T> setting, String text) throws BadValue {
    return setting.type().write(setting.type().read(text));
  }
}

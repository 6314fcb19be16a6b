package io.gatehouse.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {

  private static final Limit MINUTE = Limit.of(9, Duration.ofMinutes(1));

  @ParameterizedTest
  @ValueSource(strings = {"p", "pro", "2026", "pro-2026.b_c", "0123456789012345678901234567890123456789012345678901234567890123"})
  void a_name_is_small_letters_and_what_joins_them(String name) {
    assertThat(new Plan(name).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Pro", "pro plan", "-pro", ".", "pro\n", "pro/x", "ä",
    "01234567890123456789012345678901234567890123456789012345678901234"})
  void no_other_name_is(String name) {
    assertThatThrownBy(() -> new Plan(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("name: ");
    assertThat(Plan.isName(name)).isFalse();
  }

  @Test
  void a_plan_says_nothing_of_a_level_or_lifts_its_limits() {
    Plan plan = limited(Map.of(Level.KEY, List.of()));

    assertThat(plan.limitsOf(Level.USER)).isEmpty();
    assertThat(plan.limitsOf(Level.KEY)).contains(List.of());
  }

  @Test
  void a_plan_does_not_change_with_what_it_was_made_of() {
    List<Limit> limits = new ArrayList<>(List.of(MINUTE));
    Map<Level, List<Limit>> levels = new HashMap<>(Map.of(Level.USER, limits));
    Plan plan = limited(levels);

    limits.clear();
    levels.clear();

    assertThat(plan.limitsOf(Level.USER)).contains(List.of(MINUTE));
  }

  @Test
  void tenants_have_no_plan_and_two_limits_of_a_level_do_not_exclude_each_other() {
    refused(() -> limited(Map.of(Level.TENANT, List.of(MINUTE))), "limits: ");
    refused(() -> limited(Map.of(Level.USER, List.of(MINUTE, Limit.of(5, Duration.ofMinutes(1))))), "limits: ");
    limited(Map.of(Level.USER, List.of(MINUTE, MINUTE.asShadow()), Level.KEY, List.of(MINUTE)));
  }

  @Test
  void a_count_has_one_quota() {
    Quota bytes = new Quota(Meter.BYTES, Window.DAY, 1);

    refused(() -> with(List.of(bytes, new Quota(Meter.BYTES, Window.DAY, 2)), Set.of(), Map.of()), "quotas: ");
    with(List.of(bytes, bytes.asShadow()), Set.of(), Map.of());
  }

  @Test
  void titles_scopes_and_options_are_one_line_and_bounded() {
    refused(() -> new Plan("p", "a\nb", Map.of(), Optional.empty(), Set.of(), Map.of()), "title: ");
    refused(() -> new Plan("p", "x".repeat(101), Map.of(), Optional.empty(), Set.of(), Map.of()), "title: ");
    refused(() -> with(List.of(), Set.of(""), Map.of()), "scopes: ");
    refused(() -> with(List.of(), Set.of("images:write"), Map.of()), "scopes: ");
    refused(() -> with(List.of(), Set.of("GET\n*"), Map.of()), "scopes: ");
    refused(() -> with(List.of(), Set.of(), Map.of("a b", "c")), "options: ");
    refused(() -> with(List.of(), Set.of(), Map.of("a", "b\nc d")), "options.a: ");
    refused(() -> with(List.of(), Set.of(), Map.of("a", "x".repeat(257))), "options.a: ");
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i <= Plan.MOST_OPTIONS; i++) {
      many.put("o" + i, "");
    }
    refused(() -> with(List.of(), Set.of(), many), "options: 33");
  }

  private static void refused(Runnable making, String message) {
    assertThatThrownBy(making::run).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
  }

  private static Plan limited(Map<Level, List<Limit>> limits) {
    return new Plan("p", "", limits, Optional.empty(), Set.of(), Map.of());
  }

  private static Plan with(List<Quota> quotas, Set<String> scopes, Map<String, String> options) {
    return new Plan("p", "", Map.of(), Optional.of(quotas), scopes, options);
  }
}

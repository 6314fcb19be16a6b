package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link LimitAdmin} keeps. */
public abstract class LimitAdminContract extends StoreContract {

  private static final Limit PER_MINUTE = new Limit(1000, Duration.ofMinutes(1), 100);
  private static final Limit PER_HOUR = Limit.of(10_000, Duration.ofHours(1));

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract LimitAdmin limits();

  /** Makes an owner with this id, where limits need one: a user, a key with this lineage, or a tenant. */
  protected abstract void addOwner(Level level, String id);

  @ParameterizedTest
  @EnumSource(Level.class)
  void none_of_its_own_differs_from_none_at_all(Level level) {
    String owner = owner(level);

    assertThat(limits().limitsOf(level, owner)).isEmpty();
    limits().replaceLimits(level, owner, Optional.of(List.of()));
    assertThat(limits().limitsOf(level, owner)).contains(List.of());
    limits().replaceLimits(level, owner, Optional.empty());
    assertThat(limits().limitsOf(level, owner)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Level.class)
  void limits_are_kept_exactly_and_replaced_as_a_whole(Level level) {
    String owner = owner(level);
    Limit extreme = new Limit(Limit.MOST, Duration.ofDays(366), 1);
    Limit quick = new Limit(3, Duration.ofMillis(1500), 7);

    limits().replaceLimits(level, owner, Optional.of(List.of(PER_MINUTE, extreme, quick)));
    assertThat(limits().limitsOf(level, owner).orElseThrow()).containsExactlyInAnyOrder(PER_MINUTE, extreme, quick);

    limits().replaceLimits(level, owner, Optional.of(List.of(PER_HOUR)));
    assertThat(limits().limitsOf(level, owner)).contains(List.of(PER_HOUR));
    assertThat(limits().limitsOf(level, owner(level))).isEmpty();
  }

  @Test
  void owners_of_two_levels_with_one_name_have_lists_of_their_own() {
    String owner = fresh("owner");
    addOwner(Level.USER, owner);
    addOwner(Level.TENANT, owner);

    limits().replaceLimits(Level.USER, owner, Optional.of(List.of(PER_HOUR)));
    limits().replaceLimits(Level.TENANT, owner, Optional.of(List.of(PER_MINUTE)));

    assertThat(limits().limitsOf(Level.USER, owner)).contains(List.of(PER_HOUR));
    assertThat(limits().limitsOf(Level.TENANT, owner)).contains(List.of(PER_MINUTE));
    assertThat(limits().limitsOf(Level.KEY, owner)).isEmpty();
  }

  @Test
  void how_a_limit_counts_is_kept_and_one_period_may_be_counted_in_several_ways() {
    String owner = owner(Level.USER);
    List<Limit> all = Arrays.stream(Algorithm.values())
        .map(algorithm -> Limit.of(5, Duration.ofMinutes(1), algorithm))
        .flatMap(limit -> Stream.of(limit, limit.asShadow()))
        .toList();

    limits().replaceLimits(Level.USER, owner, Optional.of(all));

    assertThat(limits().limitsOf(Level.USER, owner).orElseThrow()).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void two_limits_that_count_alike_are_a_mistake_and_change_nothing() {
    String owner = owner(Level.USER);
    limits().replaceLimits(Level.USER, owner, Optional.of(List.of(PER_HOUR)));

    assertThatIllegalArgumentException().isThrownBy(() -> limits().replaceLimits(Level.USER, owner,
        Optional.of(List.of(PER_MINUTE, Limit.of(5, Duration.ofSeconds(60))))));
    assertThatIllegalArgumentException().isThrownBy(() -> limits().replaceLimits(Level.USER, owner,
        Optional.of(List.of(
            Limit.of(5, Duration.ofMinutes(1), Algorithm.CONCURRENCY),
            Limit.of(5, Duration.ofMinutes(2), Algorithm.CONCURRENCY)))));

    assertThat(limits().limitsOf(Level.USER, owner)).contains(List.of(PER_HOUR));
  }

  @Test
  void a_shadow_stands_beside_an_enforced_limit_of_the_same_period() {
    String owner = owner(Level.USER);
    Limit lower = Limit.of(500, Duration.ofMinutes(1)).asShadow();

    limits().replaceLimits(Level.USER, owner, Optional.of(List.of(PER_MINUTE, lower)));
    assertThat(limits().limitsOf(Level.USER, owner).orElseThrow()).containsExactlyInAnyOrder(PER_MINUTE, lower);
    assertThatIllegalArgumentException().isThrownBy(() -> limits().replaceLimits(Level.USER, owner,
        Optional.of(List.of(lower, PER_MINUTE.asShadow()))));

    limits().replaceLimits(Level.USER, owner, Optional.of(List.of(lower)));
    assertThat(limits().limitsOf(Level.USER, owner)).contains(List.of(lower));
    limits().replaceLimits(Level.USER, owner, Optional.of(List.of(PER_MINUTE)));
    assertThat(limits().limitsOf(Level.USER, owner)).contains(List.of(PER_MINUTE));
  }

  @ParameterizedTest
  @EnumSource(Level.class)
  void a_store_that_cannot_answer_never_says_that_there_is_no_limit(Level level) throws Exception {
    String owner = owner(level);
    limits().replaceLimits(level, owner, Optional.of(List.of(PER_HOUR)));

    whileBroken(
        () -> limits().limitsOf(level, owner),
        () -> limits().replaceLimits(level, owner, Optional.empty()));

    assertThat(limits().limitsOf(level, owner)).contains(List.of(PER_HOUR));
  }

  private String owner(Level level) {
    String owner = fresh("owner");
    addOwner(level, owner);
    return owner;
  }
}

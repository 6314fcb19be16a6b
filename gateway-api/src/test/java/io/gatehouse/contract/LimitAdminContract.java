package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link LimitAdmin} keeps. */
public abstract class LimitAdminContract extends StoreContract {

  private static final Limit PER_MINUTE = new Limit(1000, Duration.ofMinutes(1), 100);
  private static final Limit PER_HOUR = Limit.of(10_000, Duration.ofHours(1));

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract LimitAdmin limits();

  /** Makes a user with this id, where limits need one. */
  protected abstract void addOwner(String id);

  @Test
  void none_of_its_own_differs_from_none_at_all() {
    String owner = owner();

    assertThat(limits().limitsOf(owner)).isEmpty();
    limits().replaceLimits(owner, Optional.of(List.of()));
    assertThat(limits().limitsOf(owner)).contains(List.of());
    limits().replaceLimits(owner, Optional.empty());
    assertThat(limits().limitsOf(owner)).isEmpty();
  }

  @Test
  void limits_are_kept_exactly_and_replaced_as_a_whole() {
    String owner = owner();
    Limit extreme = new Limit(Limit.MOST, Duration.ofDays(366), 1);
    Limit quick = new Limit(3, Duration.ofMillis(1500), 7);

    limits().replaceLimits(owner, Optional.of(List.of(PER_MINUTE, extreme, quick)));
    assertThat(limits().limitsOf(owner).orElseThrow()).containsExactlyInAnyOrder(PER_MINUTE, extreme, quick);

    limits().replaceLimits(owner, Optional.of(List.of(PER_HOUR)));
    assertThat(limits().limitsOf(owner)).contains(List.of(PER_HOUR));
    assertThat(limits().limitsOf(owner())).isEmpty();
  }

  @Test
  void two_limits_of_one_period_are_a_mistake_and_change_nothing() {
    String owner = owner();
    limits().replaceLimits(owner, Optional.of(List.of(PER_HOUR)));

    assertThatIllegalArgumentException().isThrownBy(() -> limits().replaceLimits(owner,
        Optional.of(List.of(PER_MINUTE, Limit.of(5, Duration.ofSeconds(60))))));

    assertThat(limits().limitsOf(owner)).contains(List.of(PER_HOUR));
  }

  @Test
  void a_shadow_stands_beside_an_enforced_limit_of_the_same_period() {
    String owner = owner();
    Limit lower = Limit.of(500, Duration.ofMinutes(1)).asShadow();

    limits().replaceLimits(owner, Optional.of(List.of(PER_MINUTE, lower)));
    assertThat(limits().limitsOf(owner).orElseThrow()).containsExactlyInAnyOrder(PER_MINUTE, lower);
    assertThatIllegalArgumentException().isThrownBy(() -> limits().replaceLimits(owner,
        Optional.of(List.of(lower, PER_MINUTE.asShadow()))));

    limits().replaceLimits(owner, Optional.of(List.of(lower)));
    assertThat(limits().limitsOf(owner)).contains(List.of(lower));
    limits().replaceLimits(owner, Optional.of(List.of(PER_MINUTE)));
    assertThat(limits().limitsOf(owner)).contains(List.of(PER_MINUTE));
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_there_is_no_limit() throws Exception {
    String owner = owner();
    limits().replaceLimits(owner, Optional.of(List.of(PER_HOUR)));

    whileBroken(() -> limits().limitsOf(owner), () -> limits().replaceLimits(owner, Optional.empty()));

    assertThat(limits().limitsOf(owner)).contains(List.of(PER_HOUR));
  }

  private String owner() {
    String owner = fresh("owner");
    addOwner(owner);
    return owner;
  }
}

package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.Window;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link QuotaAdmin} keeps. */
public abstract class QuotaAdminContract extends StoreContract {

  private static final Quota DAILY = new Quota(Meter.REQUESTS, Window.DAY, 10_000);
  private static final Quota MONTHLY = new Quota(Meter.BYTES, Window.MONTH, 100L << 30);

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract QuotaAdmin quotas();

  /** Makes a user with this id, where quotas need one. */
  protected abstract void addOwner(String id);

  @Test
  void none_of_its_own_differs_from_none_at_all() {
    String owner = owner();

    assertThat(quotas().quotasOf(owner)).isEmpty();
    quotas().replaceQuotas(owner, Optional.of(List.of()));
    assertThat(quotas().quotasOf(owner)).contains(List.of());
    quotas().replaceQuotas(owner, Optional.empty());
    assertThat(quotas().quotasOf(owner)).isEmpty();
  }

  @Test
  void quotas_are_kept_exactly_and_replaced_as_a_whole() {
    String owner = owner();
    Quota nothing = new Quota(Meter.BYTES, Window.DAY, 0);
    Quota everything = new Quota(Meter.REQUESTS, Window.MONTH, Long.MAX_VALUE);

    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY, MONTHLY, nothing, everything)));
    assertThat(quotas().quotasOf(owner).orElseThrow())
        .containsExactlyInAnyOrder(DAILY, MONTHLY, nothing, everything);

    quotas().replaceQuotas(owner, Optional.of(List.of(MONTHLY)));
    assertThat(quotas().quotasOf(owner)).contains(List.of(MONTHLY));
    assertThat(quotas().quotasOf(owner())).isEmpty();
  }

  @Test
  void two_quotas_of_one_meter_and_window_are_a_mistake_and_change_nothing() {
    String owner = owner();
    quotas().replaceQuotas(owner, Optional.of(List.of(MONTHLY)));

    assertThatIllegalArgumentException().isThrownBy(() -> quotas().replaceQuotas(owner,
        Optional.of(List.of(DAILY, new Quota(Meter.REQUESTS, Window.DAY, 5)))));

    assertThat(quotas().quotasOf(owner)).contains(List.of(MONTHLY));
  }

  @Test
  void a_shadow_stands_beside_an_enforced_quota_of_the_same_meter_and_window() {
    String owner = owner();
    Quota lower = new Quota(Meter.REQUESTS, Window.DAY, 500).asShadow();

    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY, lower)));
    assertThat(quotas().quotasOf(owner).orElseThrow()).containsExactlyInAnyOrder(DAILY, lower);
    assertThatIllegalArgumentException().isThrownBy(() -> quotas().replaceQuotas(owner,
        Optional.of(List.of(lower, DAILY.asShadow()))));

    quotas().replaceQuotas(owner, Optional.of(List.of(lower)));
    assertThat(quotas().quotasOf(owner)).contains(List.of(lower));
    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY)));
    assertThat(quotas().quotasOf(owner)).contains(List.of(DAILY));
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_there_is_no_quota() throws Exception {
    String owner = owner();
    quotas().replaceQuotas(owner, Optional.of(List.of(DAILY)));

    whileBroken(() -> quotas().quotasOf(owner), () -> quotas().replaceQuotas(owner, Optional.empty()));

    assertThat(quotas().quotasOf(owner)).contains(List.of(DAILY));
  }

  private String owner() {
    String owner = fresh("owner");
    addOwner(owner);
    return owner;
  }
}

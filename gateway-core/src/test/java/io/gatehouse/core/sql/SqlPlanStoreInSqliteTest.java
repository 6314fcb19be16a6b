package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.plan.PlanChange;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SqlPlanStoreInSqliteTest extends SqlPlanStoreTest {
  SqlPlanStoreInSqliteTest() {
    super(SqlDatabase.Dialect.SQLITE);
  }

  @Test
  void a_change_is_due_at_its_very_moment_by_the_clock_of_the_database() {
    SqlPlanStore plans = new SqlPlanStore(here);
    Duration hour = Duration.ofHours(1);
    plans.schedule("u1", new PlanChange(Optional.of("pro"), now.get().plus(hour)));

    now.set(now.get().plus(hour).minusMillis(1));
    assertThat(plans.carryOut()).isZero();
    assertThat(plans.planOf("u1")).isEmpty();

    now.set(now.get().plusMillis(1));
    assertThat(plans.carryOut()).isEqualTo(1);
    assertThat(plans.planOf("u1")).isPresent();
  }
}

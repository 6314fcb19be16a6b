package io.gatehouse.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {

  @Test
  void a_few_may_be_tried_again_however_little_traffic_there_is() {
    RetryBudget budget = new RetryBudget();
    budget.began();

    assertThat(taken(budget, 10)).isEqualTo(3);
  }

  @Test
  void with_traffic_the_budget_is_a_share_of_it() {
    RetryBudget budget = new RetryBudget();
    for (int i = 0; i < 100; i++) {
      budget.began();
    }

    assertThat(taken(budget, 100)).isEqualTo(20);
  }

  @Test
  void what_is_given_back_can_be_taken_again() {
    RetryBudget budget = new RetryBudget(20, 1);
    assertThat(budget.tryTake()).isTrue();
    assertThat(budget.tryTake()).isFalse();

    budget.giveBack();

    assertThat(budget.tryTake()).isTrue();
  }

  @Test
  void requests_that_are_over_no_longer_count() {
    RetryBudget budget = new RetryBudget(50, 0);
    budget.began();
    budget.began();
    budget.ended();
    budget.ended();

    assertThat(budget.tryTake()).isFalse();
  }

  @Test
  void impossible_budgets_are_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new RetryBudget(101, 3))
        .withMessage("percent: 101 (expected: 0 to 100)");
    assertThatIllegalArgumentException().isThrownBy(() -> new RetryBudget(20, -1))
        .withMessage("floor: -1 (expected: 0 or more)");
  }

  private static int taken(RetryBudget budget, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; i++) {
      taken += budget.tryTake() ? 1 : 0;
    }
    return taken;
  }
}

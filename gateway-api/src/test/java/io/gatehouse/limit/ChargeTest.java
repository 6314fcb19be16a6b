package io.gatehouse.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChargeTest {

  private static final Limit LIMIT = Limit.of(10, Duration.ofSeconds(1));

  private record Length(int value) {}

  @Test
  void it_is_equal_when_all_four_parts_are_whatever_was_derived_of_it() {
    Charge charge = new Charge("p", "b", LIMIT, 1);
    Charge same = new Charge("p", "b", Limit.of(10, Duration.ofMillis(1000)), 1);
    charge.derived(Length.class, c -> new Length(1));

    assertThat(charge).isEqualTo(same).hasSameHashCodeAs(same).hasToString(same.toString());
    assertThat(
            List.of(
                new Charge("q", "b", LIMIT, 1),
                new Charge("p", "c", LIMIT, 1),
                new Charge("p", "b", new Limit(10, Duration.ofSeconds(1), 9), 1),
                new Charge("p", "b", LIMIT, 2)))
        .doesNotContain(charge);
    assertThat(charge.toString()).contains("p", "b", "cost=1");
  }

  @Test
  void what_is_derived_is_worked_out_once_until_another_type_is_asked_for() {
    Charge charge = new Charge("policy", "bucket", LIMIT, 1);
    AtomicInteger worked = new AtomicInteger();

    for (int i = 0; i < 3; i++) {
      Length length =
          charge.derived(
              Length.class,
              c -> {
                worked.incrementAndGet();
                return new Length(c.bucket().length());
              });
      assertThat(length.value()).isEqualTo(6);
    }

    assertThat(worked).hasValue(1);
    assertThat(charge.derived(String.class, Charge::policy)).isEqualTo("policy");
    assertThat(charge.derived(Length.class, c -> new Length(7)).value()).isEqualTo(7);
  }
}

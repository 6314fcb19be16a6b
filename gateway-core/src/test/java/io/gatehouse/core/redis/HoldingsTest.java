package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.redis.Holdings.Due;
import io.gatehouse.core.redis.Holdings.Told;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HoldingsTest {

  private static final Duration PERIOD = Duration.ofSeconds(60);

  private final SettableClock clock = new SettableClock();
  private final Holdings holdings = new Holdings(clock.nanoTime());
  private final Charge charge =
      new Charge("p", "bucket", Limit.of(3, PERIOD, Algorithm.CONCURRENCY), 1);

  @Test
  void what_was_told_while_a_request_asked_that_was_denied_is_told_again_once() {
    holdings.take("key", charge);
    Told asked = holdings.take("key", charge);
    assertThat(holdings.release("key", charge).permits()).as("the one that asks is told along").isEqualTo(1);

    holdings.denied("key", charge, asked.version());

    assertThat(holdings.due()).singleElement().extracting(Due::told).extracting(Told::permits).isEqualTo(0L);
    assertThat(holdings.due()).isEmpty();
  }

  @Test
  void a_denied_question_that_nobody_told_along_leaves_nothing_to_tell() {
    Told asked = holdings.take("key", charge);

    holdings.denied("key", charge, asked.version());

    assertThat(holdings.due()).isEmpty();
  }

  @Test
  void a_question_without_an_answer_may_have_been_heard_and_is_made_good() {
    holdings.take("key", charge);

    holdings.denied("key", charge, 0);

    assertThat(holdings.due()).singleElement().extracting(Due::told).extracting(Told::permits).isEqualTo(0L);
  }

  @Test
  void denied_questions_do_not_put_off_what_is_to_be_told_again() {
    holdings.take("key", charge);
    for (int second = 0; second < 20; second++) {
      clock.advance(Duration.ofSeconds(1));
      holdings.denied("key", charge, holdings.take("key", charge).version());
    }

    assertThat(holdings.due()).singleElement().extracting(Due::told).extracting(Told::permits).isEqualTo(1L);
  }
}

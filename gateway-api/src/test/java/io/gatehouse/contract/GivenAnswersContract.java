package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.admin.GivenAnswer;
import io.gatehouse.admin.GivenAnswers;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What every {@link GivenAnswers} keeps. */
public abstract class GivenAnswersContract extends StoreContract {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

  private final String caller = fresh("caller");

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract GivenAnswers answers();

  @Test
  void an_answer_is_found_by_caller_and_key_for_its_time() {
    GivenAnswer answer = new GivenAnswer(caller, "key", "request", "sealed", NOON);
    answers().keep(answer);

    assertThat(answers().find(caller, "key", NOON)).contains(answer);
    assertThat(answers().find(caller, "key", NOON.plusMillis(1))).isEmpty();
    assertThat(answers().find(caller, "other", NOON)).isEmpty();
    assertThat(answers().find(fresh("other"), "key", NOON)).isEmpty();
  }

  @Test
  void a_later_answer_takes_the_place_of_an_older_one() {
    answers().keep(new GivenAnswer(caller, "key", "request", "sealed", NOON));
    GivenAnswer later = new GivenAnswer(caller, "key", "request-2", "sealed-2", NOON.plusSeconds(90_000));

    answers().keep(later);

    assertThat(answers().find(caller, "key", NOON)).contains(later);
  }

  @Test
  void what_is_old_is_forgotten() {
    Instant then = Instant.parse("2001-01-01T00:00:00Z");
    answers().keep(new GivenAnswer(caller, "old", "", "", then.minusMillis(1)));
    answers().keep(new GivenAnswer(caller, "kept", "", "", then));

    answers().forget(then);

    assertThat(answers().find(caller, "old", Instant.EPOCH)).isEmpty();
    assertThat(answers().find(caller, "kept", Instant.EPOCH)).isPresent();
  }

  @Test
  void a_broken_store_says_so() throws Exception {
    whileBroken(
        () -> answers().find(caller, "key", NOON),
        () -> answers().keep(new GivenAnswer(caller, "key", "", "", NOON)));
  }
}

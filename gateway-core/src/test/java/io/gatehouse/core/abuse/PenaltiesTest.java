package io.gatehouse.core.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.contract.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PenaltiesTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final Penalties penalties = new Penalties(MINUTE, DAY, DAY, Enforcement.ENFORCED);

  @Test
  void each_suspension_lasts_twice_as_long_as_the_one_before_up_to_the_longest() {
    List<Long> minutes = new ArrayList<>();
    Optional<Block> earlier = Optional.empty();
    Instant at = SettableClock.START;
    for (int i = 0; i < 13; i++) {
      Block block = penalties.next(earlier, offence(at), "new" + i);
      minutes.add(Duration.between(at, block.expiresAt().orElseThrow()).toMinutes());
      assertThat(block.strikes()).isEqualTo(i + 1);
      assertThat(block.id()).isEqualTo("new0");
      earlier = Optional.of(block);
      at = block.expiresAt().orElseThrow();
    }

    assertThat(minutes).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 512L, 1024L, 1440L, 1440L);
    assertThat(penalties.lengthOf(Integer.MAX_VALUE)).isEqualTo(DAY);
  }

  @Test
  void who_has_behaved_for_long_enough_begins_anew() {
    Block first = penalties.next(Optional.empty(), offence(SettableClock.START), "1");
    Block second = penalties.next(Optional.of(first), offence(SettableClock.START.plus(MINUTE)), "1");
    Instant end = second.expiresAt().orElseThrow();

    assertThat(penalties.next(Optional.of(second), offence(end.plus(DAY)), "1").strikes()).isEqualTo(3);
    assertThat(penalties.next(Optional.of(second), offence(end.plus(DAY).plusMillis(1)), "1").strikes()).isEqualTo(1);
  }

  @Test
  void a_suspension_says_who_why_and_that_the_gateway_made_it() {
    Block block = new Penalties(MINUTE, DAY, DAY, Enforcement.SHADOW)
        .next(Optional.empty(), offence(SettableClock.START), "1");

    assertThat(block).isEqualTo(
        new Block(
            "1", Kind.NETWORK, "192.0.2.1", "why", Enforcement.SHADOW, Block.Source.AUTOMATIC, SettableClock.START,
            Optional.of(SettableClock.START.plus(MINUTE)), 1));
  }

  @Test
  void lengths_that_make_no_sense_are_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Penalties(Duration.ZERO, DAY, DAY, Enforcement.SHADOW));
    assertThatIllegalArgumentException().isThrownBy(() -> new Penalties(DAY, MINUTE, DAY, Enforcement.SHADOW))
        .withMessage("longest: PT1M (expected: no less than first, PT24H)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Penalties(MINUTE, DAY, Duration.ofMillis(-1), Enforcement.SHADOW));
  }

  private static Offence offence(Instant at) {
    return new Offence(Kind.NETWORK, "192.0.2.1", Offence.Cause.BAD_KEYS, "why", at);
  }
}

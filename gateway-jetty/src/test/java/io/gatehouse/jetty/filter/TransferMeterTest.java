package io.gatehouse.jetty.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.gatehouse.Admission;
import io.gatehouse.Outcome;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransferMeterTest {

  private static final int PIECE = TransferMeter.PIECE;

  private final Told told = new Told();

  @Test
  void it_is_told_once_for_every_piece_and_before_the_piece_is_full() throws IOException {
    TransferMeter meter = new TransferMeter(told, true);

    for (int i = 0; i < 1_024; i++) {
      meter.writing(1_024);
    }

    assertThat(told.sums).containsExactly((long) PIECE, 2L * PIECE, 3L * PIECE, 4L * PIECE);
    assertThat(meter.responseBytes()).isEqualTo(4L * PIECE);
  }

  @Test
  void both_directions_fill_the_same_piece() throws IOException {
    TransferMeter meter = new TransferMeter(told, true);

    meter.read(PIECE / 2);
    meter.writing(PIECE / 2 - 1);
    assertThat(told.sums).isEmpty();
    meter.read(1);

    assertThat(told.sums).containsExactly((long) PIECE);
    assertThat(meter.requestBytes()).isEqualTo(PIECE / 2 + 1);
  }

  @Test
  void of_what_must_not_be_written_nothing_is_counted_and_nothing_may_follow() throws IOException {
    TransferMeter meter = new TransferMeter(told, true);
    meter.writing(PIECE - 1);
    told.goOn = false;

    assertThatIOException().isThrownBy(() -> meter.writing(10_000_000));
    assertThatIOException().isThrownBy(() -> meter.writing(1));
    assertThatIOException().isThrownBy(() -> meter.read(1));

    assertThat(meter.isCut()).isTrue();
    assertThat(meter.responseBytes()).isEqualTo(PIECE - 1);
  }

  @Test
  void what_is_written_in_answer_to_head_is_nothing() throws IOException {
    TransferMeter meter = new TransferMeter(told, false);

    meter.writing(10L * PIECE);

    assertThat(told.sums).isEmpty();
    assertThat(meter.responseBytes()).isZero();
  }

  /** What a gateway would be told. */
  private static final class Told implements Admission.Admitted {
    private final List<Long> sums = new ArrayList<>();
    private boolean goOn = true;

    @Override
    public boolean transferred(long requestBytes, long responseBytes) {
      sums.add(requestBytes + responseBytes);
      return goOn;
    }

    @Override
    public Optional<Subject> subject() {
      return Optional.empty();
    }

    @Override
    public List<Refusal> shadowRefusals() {
      return List.of();
    }

    @Override
    public Map<String, String> responseHeaders() {
      return Map.of();
    }

    @Override
    public void complete(Outcome outcome) {
      throw new UnsupportedOperationException("a meter only tells");
    }
  }
}

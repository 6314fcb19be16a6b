package io.gatehouse.jetty.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.fixture.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTrackerTest {

  private final FrameTracker frames = new FrameTracker();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20})
  void a_frame_ends_with_its_last_byte_and_not_before(int length) {
    for (boolean masked : new boolean[] {false, true}) {
      byte[] bytes = new Frame(0x82, masked, "x".repeat(length)).bytes();

      frames.follow(ByteBuffer.wrap(bytes, 0, bytes.length - 1));
      assertThat(frames.between()).isFalse();
      frames.follow(ByteBuffer.wrap(bytes, bytes.length - 1, 1));
      assertThat(frames.between()).isTrue();
    }
    assertThat(frames.closed()).isFalse();
  }

  @Test
  void in_whatever_pieces_frames_come_their_ends_are_found() {
    Random random = new Random(6455);
    for (int run = 0; run < 300; run++) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      List<Integer> ends = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        int length = random.nextInt(10) == 0 ? 65_530 + random.nextInt(10) : random.nextInt(260);
        int first = random.nextInt(256) & ~0x08;
        all.writeBytes(new Frame(first, random.nextBoolean(), "x".repeat(length)).bytes());
        ends.add(all.size());
      }
      byte[] bytes = all.toByteArray();

      FrameTracker tracker = new FrameTracker();
      int at = 0;
      while (at < bytes.length) {
        int piece = Math.min(1 + random.nextInt(random.nextBoolean() ? 3 : 9_000), bytes.length - at);
        tracker.follow(ByteBuffer.wrap(bytes, at, piece));
        at += piece;
        assertThat(tracker.between()).as("at %s", at).isEqualTo(ends.contains(at));
      }
      assertThat(tracker.closed()).isFalse();
    }
  }

  @Test
  void following_to_the_end_of_a_frame_stops_there() {
    byte[] frame = Frame.text("hello").bytes();
    ByteBuffer two = ByteBuffer.allocate(2 * frame.length).put(frame).put(frame).flip();
    frames.follow(two.slice(0, 3));
    ByteBuffer rest = two.position(3);

    assertThat(frames.followToEndOfFrame(rest)).isEqualTo(frame.length);
    assertThat(frames.between()).isTrue();
    assertThat(frames.followToEndOfFrame(rest.position(frame.length))).isEqualTo(frame.length);
    assertThat(rest.limit()).isEqualTo(2 * frame.length);
  }

  @Test
  void without_an_end_in_sight_all_is_followed() {
    ByteBuffer begun = ByteBuffer.wrap(Frame.text("hello").bytes(), 0, 4);
    frames.follow(begun.slice(0, 1));

    assertThat(frames.followToEndOfFrame(begun.position(1))).isEqualTo(4);
    assertThat(frames.between()).isFalse();
  }

  @Test
  void a_close_frame_is_noticed_in_the_middle_of_a_message() {
    frames.follow(ByteBuffer.wrap(new Frame(0x01, true, "begun").bytes()));
    assertThat(frames.closed()).isFalse();

    frames.follow(ByteBuffer.wrap(Frame.close(1000, "bye").fromClient().bytes()));
    assertThat(frames.closed()).isTrue();
  }

  @Test
  void a_length_that_nobody_can_mean_never_ends() {
    frames.follow(ByteBuffer.allocate(10).put((byte) 0x82).put((byte) 127).putLong(-1).flip());
    frames.follow(ByteBuffer.allocate(100_000));

    assertThat(frames.between()).isFalse();
  }
}

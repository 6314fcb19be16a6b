package io.gatehouse.jetty.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class CloseFrameTest {

  @Test
  void a_client_gets_it_in_the_clear() {
    ByteBuffer bytes = new CloseFrame(1001, "idle").toClient();

    assertThat(bytes).isEqualTo(ByteBuffer.wrap(
        new byte[] {(byte) 0x88, 6, (byte) (1001 >> 8), (byte) 1001, 'i', 'd', 'l', 'e'}));
  }

  @Test
  void a_backend_gets_it_masked() {
    ByteBuffer bytes = new CloseFrame(1014, "é").toBackend();

    assertThat(bytes.get(0)).isEqualTo((byte) 0x88);
    assertThat(bytes.get(1)).isEqualTo((byte) (0x80 | 4));
    byte[] payload = new byte[4];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (bytes.get(6 + i) ^ bytes.get(2 + i));
    }
    assertThat(payload).containsExactly((byte) (1014 >> 8), (byte) 1014, (byte) 0xc3, (byte) 0xa9);
    assertThat(bytes.remaining()).isEqualTo(10);
  }

  @Test
  void what_no_frame_can_hold_is_refused() {
    assertThatThrownBy(() -> new CloseFrame(999, "")).hasMessage("code: 999 (expected: 1000 to 4999)");
    assertThatThrownBy(() -> new CloseFrame(1000, "é".repeat(62))).hasMessageStartingWith("reason: ");
  }
}

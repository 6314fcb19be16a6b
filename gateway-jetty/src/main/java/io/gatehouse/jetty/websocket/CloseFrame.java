package io.gatehouse.jetty.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A Close frame of the gateway's own (RFC 6455, 5.5.1).
 *
 * @param code the status code, 1000 to 4999
 * @param reason for people, at most 123 bytes in UTF-8
 */
record CloseFrame(int code, String reason) {

  /** The gateway stops, or nothing moved for too long. */
  static final int GOING_AWAY = 1001;

  /** The other side broke off: "similar to 502", of the registry that RFC 6455, 11.7 began. */
  static final int BAD_GATEWAY = 1014;

  private static final int FIN_AND_CLOSE = 0x88;
  private static final int MASKED = 0x80;

  CloseFrame {
    if (code < 1000 || code > 4999) {
      throw new IllegalArgumentException("code: " + code + " (expected: 1000 to 4999)");
    }
    if (reason.getBytes(StandardCharsets.UTF_8).length > 123) {
      throw new IllegalArgumentException("reason: " + reason + " (expected: at most 123 bytes)");
    }
  }

  /** As a server sends it. */
  ByteBuffer toClient() {
    byte[] payload = payload();
    return ByteBuffer.allocate(2 + payload.length)
        .put((byte) FIN_AND_CLOSE).put((byte) payload.length).put(payload).flip();
  }

  /**
   * As a client sends it: masked (RFC 6455, 5.3), by a key that need not be hard to guess for a text of ours.
   */
  ByteBuffer toBackend() {
    byte[] payload = payload();
    byte[] key = new byte[4];
    ThreadLocalRandom.current().nextBytes(key);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= key[i % key.length];
    }
    return ByteBuffer.allocate(2 + key.length + payload.length)
        .put((byte) FIN_AND_CLOSE).put((byte) (MASKED | payload.length)).put(key).put(payload).flip();
  }

  private byte[] payload() {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array();
  }
}

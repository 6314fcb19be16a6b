package io.gatehouse.jetty.websocket;

import java.nio.ByteBuffer;

/**
 * Knows where frames begin and end in one direction of a WebSocket (RFC 6455, 5.2), so that a frame of the
 * gateway's own can go between two of them. It reads headers and counts payloads; it keeps nothing, changes
 * nothing and judges nothing: whether a frame is valid is for the ends to say. Not for several threads at
 * once.
 */
final class FrameTracker {

  private static final int OPCODE = 0x0f;
  private static final int CLOSE = 0x8;
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7f;
  private static final int MASK_BYTES = 4;

  /** Bytes of the header that were read; 0 between two frames. */
  private int headerRead;

  /** Bytes that the header has, as far as it is known: 2 until its second byte was read. */
  private int headerBytes = 2;

  /** Bytes of the header up to the end of the length, as far as it is known. */
  private int lengthEnds = 2;

  private boolean closeFrame;
  private boolean closed;

  /** Bytes of payload to come, once the header is whole. */
  private long left;

  /** Whether the next byte begins a frame. */
  boolean between() {
    return headerRead == 0;
  }

  /**
   * Whether the header of a Close frame was read; nothing that follows it means anything (RFC 6455, 5.5.1).
   */
  boolean closed() {
    return closed;
  }

  /** Follows all the bytes of a buffer, whose position and limit stay. */
  void follow(ByteBuffer bytes) {
    int at = bytes.position();
    while (at < bytes.limit()) {
      at = step(bytes, at);
    }
  }

  /**
   * Follows a buffer up to the end of the frame that is under way; its position and limit stay.
   *
   * @return the index after the last byte that was followed: the limit, when no frame ends before
   */
  int followToEndOfFrame(ByteBuffer bytes) {
    int at = bytes.position();
    while (at < bytes.limit() && !between()) {
      at = step(bytes, at);
    }
    return at;
  }

  private int step(ByteBuffer bytes, int at) {
    if (headerRead < headerBytes) {
      header(bytes.get(at) & 0xff);
      if (headerRead == headerBytes) {
        closed |= closeFrame;
        endIfEmpty();
      }
      return at + 1;
    }
    int payload = (int) Math.min(left, bytes.limit() - at);
    left -= payload;
    endIfEmpty();
    return at + payload;
  }

  private void header(int octet) {
    if (headerRead == 0) {
      closeFrame = (octet & OPCODE) == CLOSE;
    } else if (headerRead == 1) {
      int length = octet & LENGTH;
      int more = length == 126 ? 2 : length == 127 ? 8 : 0;
      left = more == 0 ? length : 0;
      lengthEnds = 2 + more;
      headerBytes = lengthEnds + ((octet & MASKED) == 0 ? 0 : MASK_BYTES);
    } else if (headerRead < lengthEnds) {
      left = left << 8 | octet;
    }
    headerRead++;
  }

  private void endIfEmpty() {
    if (left < 0) {
      // 2^63 and more: no peer takes it, and no end of it will come by.
      left = Long.MAX_VALUE;
    }
    if (left == 0) {
      headerRead = 0;
      headerBytes = 2;
    }
  }
}

package io.gatehouse.core.upload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Bytes that a header is read from, at any position, a page of {@value #PAGE} bytes at a time. In all no more pages are read
 * than the content has, and {@value #SPARE} more: a header that leads back and forth is given up. For one thread.
 */
final class Content {

  static final int PAGE = 8192;
  static final int SPARE = 1024;

  /** Where the bytes are. */
  @FunctionalInterface
  interface Source {

    /**
     * Reads as many bytes as fit into {@code into}, from its beginning, or as many as there are.
     *
     * @return how many; 0 or less at the end
     */
    int read(long at, byte[] into) throws IOException;
  }

  private final Source source;
  private final long length;
  private final byte[] page = new byte[PAGE];
  private long pageAt = -1;
  private int pageLength;
  private long pagesLeft;

  Content(Source source, long length) {
    this.source = source;
    this.length = length;
    this.pagesLeft = length / PAGE + SPARE;
  }

  long length() {
    return length;
  }

  /** A byte, 0 to 255. */
  int u8(long at) throws IOException, RefusedUpload {
    if (at < 0 || at >= length) {
      throw RefusedUpload.broken("The content ends before it says how large the image is.");
    }
    if (at / PAGE * PAGE != pageAt) {
      load(at / PAGE * PAGE);
    }
    int within = (int) (at - pageAt);
    if (within >= pageLength) {
      throw RefusedUpload.broken("The content ends before it says how large the image is.");
    }
    return page[within] & 0xff;
  }

  /** Big-endian, 2 bytes. */
  int u16(long at) throws IOException, RefusedUpload {
    return u8(at) << 8 | u8(at + 1);
  }

  /** Little-endian, 2 bytes. */
  int u16le(long at) throws IOException, RefusedUpload {
    return u8(at) | u8(at + 1) << 8;
  }

  int u24le(long at) throws IOException, RefusedUpload {
    return u16le(at) | u8(at + 2) << 16;
  }

  long u32(long at) throws IOException, RefusedUpload {
    return (long) u16(at) << 16 | u16(at + 2);
  }

  long u32le(long at) throws IOException, RefusedUpload {
    return u16le(at) | (long) u16le(at + 2) << 16;
  }

  /** Four letters. */
  String tag(long at) throws IOException, RefusedUpload {
    byte[] letters = {(byte) u8(at), (byte) u8(at + 1), (byte) u8(at + 2), (byte) u8(at + 3)};
    return new String(letters, StandardCharsets.ISO_8859_1);
  }

  private void load(long at) throws IOException, RefusedUpload {
    if (pagesLeft-- == 0) {
      throw RefusedUpload.broken("The content leads back and forth before it says how large the image is.");
    }
    pageAt = at;
    pageLength = source.read(at, page);
  }
}

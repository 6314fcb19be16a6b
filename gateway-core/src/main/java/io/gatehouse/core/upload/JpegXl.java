package io.gatehouse.core.upload;

import java.io.IOException;

/** JPEG XL (ISO 18181-1, D.3.2; 18181-2 for the boxes around it): a header of bits, the lowest of each byte first. */
final class JpegXl {

  private static final int MOST_BOXES = 4096;

  /** Width and height by the number of their ratio. */
  private static final int[][] RATIOS = {{1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}};

  private static final int[] LENGTHS = {9, 13, 18, 30};

  private final Content content;
  private long bit;

  private JpegXl(Content content, long at) {
    this.content = content;
    this.bit = at * 8;
  }

  static ImageHeader read(Content content) throws IOException, RefusedUpload {
    return new JpegXl(content, codestream(content) + 2).size();
  }

  /** Where the code stream, or its first part, begins. */
  private static long codestream(Content content) throws IOException, RefusedUpload {
    if (content.u16(0) == 0xff0a) {
      return 0;
    }
    long at = 0;
    for (int box = 0; box < MOST_BOXES; box++) {
      long size = content.u32(at);
      String name = content.tag(at + 4);
      int head = 8;
      if (size == 1) {
        size = content.u32(at + 8) << 32 | content.u32(at + 12);
        head = 16;
      }
      if (name.equals("jxlc") || name.equals("jxlp")) {
        long begin = at + head + (name.equals("jxlp") ? 4 : 0);
        if (content.u16(begin) != 0xff0a) {
          throw RefusedUpload.broken("The JPEG XL has no code stream where one has to be.");
        }
        return begin;
      }
      if (size < head) {
        break;
      }
      at += size;
    }
    throw RefusedUpload.broken("The JPEG XL has no code stream.");
  }

  private ImageHeader size() throws IOException, RefusedUpload {
    boolean eighths = bits(1) == 1;
    long height = side(eighths);
    int ratio = (int) bits(3);
    long width = ratio == 0 ? side(eighths) : height * RATIOS[ratio - 1][0] / RATIOS[ratio - 1][1];
    return ImageHeader.of(ImageType.JXL, width, height, 1);
  }

  private long side(boolean eighths) throws IOException, RefusedUpload {
    return eighths ? (bits(5) + 1) * 8 : bits(LENGTHS[(int) bits(2)]) + 1;
  }

  private long bits(int count) throws IOException, RefusedUpload {
    long value = 0;
    for (int i = 0; i < count; i++, bit++) {
      value |= (long) (content.u8(bit / 8) >> (bit % 8) & 1) << i;
    }
    return value;
  }
}

package io.gatehouse.core.upload;

import java.io.IOException;

/** Headers that are found in a few steps: JPEG, PNG and BMP. */
final class Raster {

  /** So many segments before the frame of a JPEG, chunks before the pixels of a PNG. */
  private static final int MOST_STEPS = 4096;

  private Raster() {}

  /** ITU T.81, B.1.1.3 and B.2.2: markers with lengths up to a start of frame. */
  static ImageHeader jpeg(Content content) throws IOException, RefusedUpload {
    long at = 2;
    for (int step = 0; step < MOST_STEPS; step++) {
      if (content.u8(at) != 0xff) {
        throw RefusedUpload.broken("The JPEG has no marker where one has to be.");
      }
      int marker = content.u8(at + 1);
      if (marker == 0xff) {
        at++; // a fill byte
      } else if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd8) {
        at += 2; // without a length
      } else if (isFrame(marker)) {
        // Height 0 is told after the first scan (DNL), which no reader of imgproxy's takes.
        return ImageHeader.of(ImageType.JPEG, content.u16(at + 7), content.u16(at + 5), 1);
      } else if (marker == 0xd9 || marker == 0xda) {
        throw RefusedUpload.broken("The JPEG has pixels before it says how many.");
      } else {
        int length = content.u16(at + 2);
        if (length < 2) {
          throw RefusedUpload.broken("The JPEG has a segment without a length.");
        }
        at += 2 + length;
      }
    }
    throw RefusedUpload.broken("The JPEG has too many segments before its frame.");
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  /** PNG, third edition, 11.2.1 and 11.3.3.1: IHDR comes first, the count of frames before the pixels. */
  static ImageHeader png(Content content) throws IOException, RefusedUpload {
    if (content.u32(8) != 13 || !content.tag(12).equals("IHDR")) {
      throw RefusedUpload.broken("The PNG does not begin with its header.");
    }
    long width = content.u32(16);
    long height = content.u32(20);
    long at = 33;
    for (int step = 0; step < MOST_STEPS && at + 8 <= content.length(); step++) {
      String chunk = content.tag(at + 4);
      if (chunk.equals("acTL")) {
        int frames = (int) Math.min(content.u32(at + 8), Integer.MAX_VALUE);
        return ImageHeader.of(ImageType.PNG, width, height, Math.max(1, frames));
      } else if (chunk.equals("IDAT")) {
        break;
      }
      at += 12 + content.u32(at);
    }
    return ImageHeader.of(ImageType.PNG, width, height, 1);
  }

  /** BITMAPCOREHEADER has 12 bytes and 16-bit dimensions, all later ones more and 32 bits; a negative height is upside down. */
  static ImageHeader bmp(Content content) throws IOException, RefusedUpload {
    long header = content.u32le(14);
    if (header == 12) {
      return ImageHeader.of(ImageType.BMP, content.u16le(18), content.u16le(20), 1);
    } else if (header < 16 || header > 256) {
      throw RefusedUpload.broken("The BMP has a header of an unknown length.");
    }
    return ImageHeader.of(ImageType.BMP, (int) content.u32le(18), Math.abs((long) (int) content.u32le(22)), 1);
  }
}

package io.gatehouse.core.upload;

import java.io.IOException;

/**
 * TIFF 6.0, section 2: directories anywhere in the file, each of which names the next. The chain is followed as far as pages
 * are of interest, so a circle ends there.
 */
final class Tiff {

  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private final Content content;
  private final boolean little;

  private Tiff(Content content, boolean little) {
    this.content = content;
    this.little = little;
  }

  static ImageHeader read(Content content, int mostFrames) throws IOException, RefusedUpload {
    return new Tiff(content, content.u8(0) == 'I').read(mostFrames);
  }

  private ImageHeader read(int mostFrames) throws IOException, RefusedUpload {
    long directory = u32(4);
    long width = 0;
    long height = 0;
    int pages = 0;
    while (directory != 0 && pages <= mostFrames) {
      pages++;
      int entries = u16(directory);
      for (int i = 0; i < entries; i++) {
        long entry = directory + 2 + 12L * i;
        int tag = u16(entry);
        if (tag == WIDTH) {
          width = Math.max(width, value(entry));
        } else if (tag == HEIGHT) {
          height = Math.max(height, value(entry));
        } else if (tag > HEIGHT) {
          break; // they are in ascending order
        }
      }
      directory = u32(directory + 2 + 12L * entries);
    }
    return ImageHeader.of(ImageType.TIFF, width, height, Math.max(1, pages));
  }

  private long value(long entry) throws IOException, RefusedUpload {
    return switch (u16(entry + 2)) {
      case SHORT -> u16(entry + 8);
      case LONG -> u32(entry + 8);
      default -> throw RefusedUpload.broken("The TIFF says its size in an unknown type.");
    };
  }

  private int u16(long at) throws IOException, RefusedUpload {
    return little ? content.u16le(at) : content.u16(at);
  }

  private long u32(long at) throws IOException, RefusedUpload {
    return little ? content.u32le(at) : content.u32(at);
  }
}

package io.gatehouse.core.upload;

import java.io.IOException;

/**
 * GIF 89a: a screen, then blocks of sub-blocks of up to 255 bytes each, so that frames can be counted without decoding one.
 * Frames may reach beyond the screen, and readers make room for them.
 */
final class Gif {

  private static final int IMAGE = 0x2c;
  private static final int EXTENSION = 0x21;

  private final Content content;
  private long at;

  private Gif(Content content) {
    this.content = content;
  }

  static ImageHeader read(Content content, int mostFrames) throws IOException, RefusedUpload {
    return new Gif(content).read(mostFrames);
  }

  private ImageHeader read(int mostFrames) throws IOException, RefusedUpload {
    long width = content.u16le(6);
    long height = content.u16le(8);
    at = 13 + colors(content.u8(10));
    int frames = 0;
    while (frames <= mostFrames && at < content.length()) {
      int block = content.u8(at);
      if (block == EXTENSION) {
        at += 2;
        skipSubBlocks();
      } else if (block == IMAGE) {
        frames++;
        width = Math.max(width, content.u16le(at + 1) + content.u16le(at + 5));
        height = Math.max(height, content.u16le(at + 3) + content.u16le(at + 7));
        at += 11 + colors(content.u8(at + 9));
        skipSubBlocks();
      } else {
        break; // the end, or what readers take for it
      }
    }
    if (frames == 0) {
      throw RefusedUpload.broken("The GIF has no image.");
    }
    return ImageHeader.of(ImageType.GIF, width, height, frames);
  }

  /** The length of the table of colors that flags speak of. */
  private static int colors(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
  }

  /** Past the end of the content is as good as the end: a last frame that is cut short is shown as far as it goes. */
  private void skipSubBlocks() throws IOException, RefusedUpload {
    while (at < content.length()) {
      int length = content.u8(at);
      at += 1 + length;
      if (length == 0) {
        return;
      }
    }
  }
}

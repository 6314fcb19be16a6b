package io.gatehouse.core.upload;

import java.io.IOException;

/** WebP (RFC 9649): chunks in a RIFF. The first says whether it is one image, lossy or lossless, or a canvas of frames. */
final class Webp {

  private Webp() {}

  static ImageHeader read(Content content, int mostFrames) throws IOException, RefusedUpload {
    String first = content.tag(12);
    long body = 20;
    switch (first) {
      case "VP8 " -> {
        // RFC 6386, 9.1: three bytes of frame tag, a start code, then 14 bits each.
        if (content.u8(body + 3) != 0x9d || content.u16(body + 4) != 0x012a) {
          throw RefusedUpload.broken("The WebP has no frame where one has to be.");
        }
        return header(content.u16le(body + 6) & 0x3fff, content.u16le(body + 8) & 0x3fff, 1);
      }
      case "VP8L" -> {
        if (content.u8(body) != 0x2f) {
          throw RefusedUpload.broken("The WebP has no frame where one has to be.");
        }
        long bits = content.u32le(body + 1);
        return header((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, 1);
      }
      case "VP8X" -> {
        long width = content.u24le(body + 4) + 1L;
        long height = content.u24le(body + 7) + 1L;
        return header(width, height, frames(content, mostFrames));
      }
      default -> throw RefusedUpload.broken("The WebP begins with an unknown chunk.");
    }
  }

  private static int frames(Content content, int mostFrames) throws IOException, RefusedUpload {
    int frames = 0;
    long at = 12;
    while (frames <= mostFrames && at + 8 <= content.length()) {
      if (content.tag(at).equals("ANMF")) {
        frames++;
      }
      long length = content.u32le(at + 4);
      at += 8 + length + (length & 1);
    }
    return Math.max(1, frames);
  }

  private static ImageHeader header(long width, long height, int frames) throws RefusedUpload {
    return ImageHeader.of(ImageType.WEBP, width, height, frames);
  }
}

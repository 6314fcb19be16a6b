package io.gatehouse.core.upload;

import java.io.IOException;
import java.util.List;

/**
 * AVIF and HEIC: boxes in boxes (ISO 14496-12). The items of a file have their sizes in {@code meta/iprp/ipco/ispe} (ISO
 * 23008-12, 6.5.3), a picture of tiles among them; which item is shown is not looked at, and the largest counts.
 */
final class IsoMedia {

  private static final int MOST_BOXES = 4096;
  private static final List<String> WAY = List.of("meta", "iprp", "ipco");

  private final Content content;
  private int boxes;
  private long width;
  private long height;

  private IsoMedia(Content content) {
    this.content = content;
  }

  static ImageHeader read(ImageType type, Content content) throws IOException, RefusedUpload {
    IsoMedia media = new IsoMedia(content);
    media.walk(0, content.length(), 0);
    return ImageHeader.of(type, media.width, media.height, 1);
  }

  /** @param depth so many of the names on the way are above */
  private void walk(long begin, long end, int depth) throws IOException, RefusedUpload {
    long at = begin;
    while (at + 8 <= end) {
      if (++boxes > MOST_BOXES) {
        throw RefusedUpload.broken("The image has too many boxes.");
      }
      long size = content.u32(at);
      String name = content.tag(at + 4);
      long head = 8;
      if (size == 1) {
        size = content.u32(at + 8) << 32 | content.u32(at + 12);
        head = 16;
      } else if (size == 0) {
        size = end - at;
      }
      if (size < head || size > end - at) {
        return; // cut short: what was found until here counts
      }
      if (depth == WAY.size() && name.equals("ispe")) {
        width = Math.max(width, content.u32(at + head + 4));
        height = Math.max(height, content.u32(at + head + 8));
      } else if (depth < WAY.size() && name.equals(WAY.get(depth))) {
        walk(at + head + (depth == 0 ? 4 : 0), at + size, depth + 1);
        if (depth == 0) {
          return; // there is one, and what follows is pixels
        }
      }
      at += size;
    }
  }
}

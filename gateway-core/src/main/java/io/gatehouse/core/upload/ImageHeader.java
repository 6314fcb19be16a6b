package io.gatehouse.core.upload;

import java.io.IOException;

/**
 * What the header of an image says of it. Nothing is decoded: only lengths, offsets and dimensions are followed, as each
 * format has them.
 *
 * @param width in pixels, 1 or more; the largest, where the content has several images
 * @param height likewise
 * @param frames of an animation, or pages of a document, 1 or more; not counted beyond one more than was asked for. Those
 *     of AVIF, HEIC and JPEG XL are not counted: 1
 */
public record ImageHeader(ImageType type, int width, int height, int frames) {

  /**
   * Reads it.
   *
   * @param mostFrames so many are of interest
   * @throws RefusedUpload when the content does not say how large it is
   * @throws IOException when the source fails
   */
  static ImageHeader read(ImageType type, Content content, int mostFrames) throws IOException, RefusedUpload {
    return switch (type) {
      case JPEG -> Raster.jpeg(content);
      case PNG -> Raster.png(content);
      case BMP -> Raster.bmp(content);
      case GIF -> Gif.read(content, mostFrames);
      case WEBP -> Webp.read(content, mostFrames);
      case TIFF -> Tiff.read(content, mostFrames);
      case AVIF, HEIC -> IsoMedia.read(type, content);
      case JXL -> JpegXl.read(content);
    };
  }

  /**
   * A header with these dimensions.
   *
   * @throws RefusedUpload when there are no such images
   */
  static ImageHeader of(ImageType type, long width, long height, int frames) throws RefusedUpload {
    if (width < 1 || height < 1) {
      throw RefusedUpload.broken("The image says that it has no pixels.");
    }
    return new ImageHeader(
        type, (int) Math.min(width, Integer.MAX_VALUE), (int) Math.min(height, Integer.MAX_VALUE), frames);
  }

  /** For people: {@code 640 x 480}. */
  String size() {
    return width + " x " + height;
  }
}

package io.gatehouse.core.upload;

/**
 * How large an upload may be.
 *
 * @param bytes of its content, at the most, 1 or more
 * @param pixels of the image, width times height, at the most, 1 or more
 * @param side of the image, the longer one, in pixels, at the most, 1 or more
 * @param frames of an animation, or pages, at the most, 1 or more
 */
public record UploadRules(long bytes, long pixels, int side, int frames) {

  public UploadRules {
    if (bytes < 1 || pixels < 1 || side < 1 || frames < 1) {
      throw new IllegalArgumentException(
          "bytes, pixels, side, frames: " + bytes + ", " + pixels + ", " + side + ", " + frames
              + " (expected: 1 or more)");
    }
  }

  void check(ImageHeader image) throws RefusedUpload {
    if (image.width() > side || image.height() > side) {
      throw refused("The image is " + image.size() + " pixels large; " + side + " are allowed on a side.");
    }
    if ((long) image.width() * image.height() > pixels) {
      throw refused("The image is " + image.size() + " pixels large; " + pixels + " are allowed in all.");
    }
    if (image.frames() > frames) {
      throw refused("The image has more than " + frames + " frames or pages.");
    }
  }

  void checkBytes(long length) throws RefusedUpload {
    if (length > bytes) {
      throw new RefusedUpload(
          RefusedUpload.Why.TOO_LARGE, "The content is longer than the " + bytes + " bytes that are allowed.");
    }
  }

  private static RefusedUpload refused(String message) {
    return new RefusedUpload(RefusedUpload.Why.DIMENSIONS, message);
  }
}

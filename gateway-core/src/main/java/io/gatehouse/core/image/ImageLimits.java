package io.gatehouse.core.image;

/**
 * How large and how costly a picture may be made. Sizes are those of the result, with everything that
 * enlarges it: dpr, zoom, least sizes and padding.
 *
 * @param width most pixels across, 1 or more
 * @param height most pixels down, 1 or more
 * @param pixels most pixels in all, 1 or more
 * @param dpr the largest ratio of device pixels that may be asked for; more than 0
 * @param blur the largest sigma of blurring, 0 or more
 * @param sharpen the largest sigma of sharpening, 0 or more
 * @param pipelines how many pipelines may be chained, 1 or more; more than 1 takes imgproxy Pro
 */
public record ImageLimits(int width, int height, long pixels, double dpr, double blur, double sharpen, int pipelines) {

  /** 4096 by 4096 pixels, dpr 4, blur 50, sharpen 10, one pipeline. */
  public static final ImageLimits DEFAULT = new ImageLimits(4096, 4096, 4096L * 4096, 4, 50, 10, 1);

  public ImageLimits {
    atLeast("width", width, 1);
    atLeast("height", height, 1);
    atLeast("pixels", pixels, 1);
    atLeast("pipelines", pipelines, 1);
    if (!(dpr > 0)) {
      throw new IllegalArgumentException("dpr: " + dpr + " (expected: more than 0)");
    }
    if (!(blur >= 0) || !(sharpen >= 0)) {
      throw new IllegalArgumentException("blur, sharpen: " + blur + ", " + sharpen + " (expected: 0 or more)");
    }
  }

  private static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " or more)");
    }
  }
}

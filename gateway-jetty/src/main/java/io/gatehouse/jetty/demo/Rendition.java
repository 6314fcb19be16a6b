package io.gatehouse.jetty.demo;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture in a size and a format.
 *
 * @param width in pixels, 1 to {@value #LARGEST}
 * @param height likewise
 * @param cropped whether the picture is cut to these proportions; otherwise it is stretched to them
 */
record Rendition(SamplePicture picture, int width, int height, boolean cropped, Format format) {

  /** The most pixels on a side: {@value}. */
  static final int LARGEST = 4000;

  /** Two are drawn at once, because the largest take more than 100 MB each. */
  private static final Semaphore DRAWING = new Semaphore(2);

  /** How pictures can be encoded. */
  enum Format {
    JPEG("image/jpeg"),
    PNG("image/png");

    private final String mediaType;

    Format(String mediaType) {
      this.mediaType = mediaType;
    }

    String mediaType() {
      return mediaType;
    }
  }

  /** Draws and encodes it; takes milliseconds for thumbnails and seconds for the largest. */
  byte[] encoded() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DRAWING.acquireUninterruptibly();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(scaled(source()), format.name(), out)) {
        throw new IllegalStateException("this Java cannot write " + format.name());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is written but memory
    } finally {
      DRAWING.release();
    }
    return bytes.toByteArray();
  }

  private BufferedImage source() {
    BufferedImage whole = picture.image();
    if (!cropped) {
      return whole;
    }
    int w = (int) Math.max(1, Math.min(whole.getWidth(), Math.round((double) whole.getHeight() * width / height)));
    int h = (int) Math.max(1, Math.min(whole.getHeight(), Math.round((double) whole.getWidth() * height / width)));
    return whole.getSubimage((whole.getWidth() - w) / 2, (whole.getHeight() - h) / 2, w, h);
  }

  /** By halves at the most, because one large step would leave pixels out. */
  private BufferedImage scaled(BufferedImage image) {
    BufferedImage step = image;
    do {
      int w = Math.max(width, step.getWidth() / 2);
      int h = Math.max(height, step.getHeight() / 2);
      BufferedImage next = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
      Graphics2D canvas = next.createGraphics();
      canvas.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      canvas.drawImage(step, 0, 0, w, h, null);
      canvas.dispose();
      step = next;
    } while (step.getWidth() != width || step.getHeight() != height);
    return step;
  }
}

package io.gatehouse.jetty.demo;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** The pictures of the sample backends: drawn once, when first asked for. Without text, so no fonts are needed. */
enum SamplePicture {
  SUNSET(1500, 1000) {
    @Override
    void draw(Graphics2D canvas, int width, int height) {
      int horizon = height * 62 / 100;
      sky(canvas, width, horizon, new Color(0x2b1055), new Color(0xff9a5a));
      disc(canvas, width * 0.62, horizon - height * 0.06, height * 0.17, new Color(255, 240, 190, 70));
      disc(canvas, width * 0.62, horizon - height * 0.06, height * 0.11, new Color(0xfff0be));
      canvas.setPaint(new GradientPaint(0, horizon, new Color(0xd9605a), 0, height, new Color(0x1b1440)));
      canvas.fillRect(0, horizon, width, height - horizon);
      canvas.setColor(new Color(255, 226, 160, 120));
      for (int y = horizon + 8; y < height; y += 26) {
        int half = (int) (height * 0.1 + (y - horizon) * 0.25 * (1 + Math.sin(y)));
        canvas.fillRect((int) (width * 0.62) - half, y, 2 * half, 6);
      }
      ridge(canvas, width, horizon, height * 0.16, new Color(0x3a1d5c), 3);
    }
  },
  CITY(1500, 1000) {
    @Override
    void draw(Graphics2D canvas, int width, int height) {
      sky(canvas, width, height, new Color(0x07122b), new Color(0x4a6fa5));
      disc(canvas, width * 0.2, height * 0.22, height * 0.08, new Color(0xf4f1de));
      Random random = new Random(11);
      for (int x = 0; x < width; x += 75) {
        int top = height - 250 - random.nextInt(450);
        canvas.setColor(new Color(18, 22 + random.nextInt(14), 40 + random.nextInt(24)));
        canvas.fillRect(x, top, 70, height - top);
        for (int y = top + 18; y < height - 20; y += 34) {
          for (int window = 0; window < 3; window++) {
            canvas.setColor(random.nextInt(3) == 0 ? new Color(0x27324f) : new Color(0xffd166));
            canvas.fillRect(x + 9 + window * 20, y, 12, 18);
          }
        }
      }
    }
  },
  PORTRAIT(1000, 1500) {
    @Override
    void draw(Graphics2D canvas, int width, int height) {
      sky(canvas, width, height, new Color(0xe9c46a), new Color(0x2a9d8f));
      canvas.setColor(new Color(0x264653));
      canvas.fill(new Ellipse2D.Double(width * 0.12, height * 0.66, width * 0.76, height * 0.7));
      disc(canvas, width * 0.5, height * 0.36, width * 0.27, new Color(0x5b3a29));
      canvas.setColor(new Color(0xe0ac85));
      canvas.fillRect((int) (width * 0.42), (int) (height * 0.52), (int) (width * 0.16), (int) (height * 0.17));
      canvas.fill(new Ellipse2D.Double(width * 0.29, height * 0.25, width * 0.42, height * 0.36));
      disc(canvas, width * 0.41, height * 0.42, width * 0.025, new Color(0x222222));
      disc(canvas, width * 0.59, height * 0.42, width * 0.025, new Color(0x222222));
      canvas.setColor(new Color(0xb5524a));
      canvas.fillArc(
          (int) (width * 0.42), (int) (height * 0.47), (int) (width * 0.16), (int) (height * 0.07), 180, 180);
    }
  };

  private final int width;
  private final int height;

  /** Guarded by this. */
  private Optional<BufferedImage> drawn = Optional.empty();

  SamplePicture(int width, int height) {
    this.width = width;
    this.height = height;
  }

  abstract void draw(Graphics2D canvas, int width, int height);

  /** The picture with this name, in lower case: {@code sunset}. */
  static Optional<SamplePicture> named(String name) {
    for (SamplePicture picture : values()) {
      if (picture.name().toLowerCase(Locale.ROOT).equals(name)) {
        return Optional.of(picture);
      }
    }
    return Optional.empty();
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** The whole picture; nobody draws on it. */
  synchronized BufferedImage image() {
    if (drawn.isEmpty()) {
      BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      Graphics2D canvas = image.createGraphics();
      canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      draw(canvas, width, height);
      canvas.dispose();
      drawn = Optional.of(image);
    }
    return drawn.get();
  }

  private static void sky(Graphics2D canvas, int width, int height, Color above, Color below) {
    canvas.setPaint(new GradientPaint(0, 0, above, 0, height, below));
    canvas.fillRect(0, 0, width, height);
  }

  private static void disc(Graphics2D canvas, double x, double y, double radius, Color color) {
    canvas.setColor(color);
    canvas.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  private static void ridge(Graphics2D canvas, int width, int base, double rise, Color color, int peaks) {
    Path2D outline = new Path2D.Double();
    outline.moveTo(0, base);
    for (int x = 0; x <= width; x += 10) {
      double swing = Math.abs(Math.sin(Math.PI * peaks * x / width)) * (0.5 + 0.5 * Math.cos(2.0 * x / width));
      outline.lineTo(x, base - rise * swing);
    }
    outline.lineTo(width, base);
    outline.closePath();
    canvas.setColor(color);
    canvas.fill(outline);
  }
}

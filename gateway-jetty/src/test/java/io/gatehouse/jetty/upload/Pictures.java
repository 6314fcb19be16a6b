package io.gatehouse.jetty.upload;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import javax.imageio.ImageIO;

/** Images to upload. */
final class Pictures {

  private Pictures() {}

  /** An image of some size, unlike that of any other seed. */
  static byte[] picture(String format, int width, int height, int seed) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int x = 0; x < width; x++) {
      image.setRGB(x, 0, random.nextInt());
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A PNG of exactly so many bytes: what follows its end is nobody's, but counts. */
  static byte[] png(int length, int seed) {
    byte[] image = picture("png", 16, 16, seed);
    byte[] padded = new byte[length];
    System.arraycopy(image, 0, padded, 0, image.length);
    return padded;
  }

  /** A form with parts as given, each with its head. */
  static byte[] form(String boundary, Object... headsAndContents) {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    for (int i = 0; i < headsAndContents.length; i += 2) {
      form.writeBytes(ascii("--" + boundary + "\r\n" + headsAndContents[i] + "\r\n\r\n"));
      form.writeBytes((byte[]) headsAndContents[i + 1]);
      form.writeBytes(ascii("\r\n"));
    }
    form.writeBytes(ascii("--" + boundary + "--\r\n"));
    return form.toByteArray();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}

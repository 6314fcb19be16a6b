package io.gatehouse.core.upload;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;

/** Beginnings of images, 40 wide and 30 high unless they say otherwise. */
final class Headers {

  private Headers() {}

  static Map<ImageType, byte[]> all() {
    Map<ImageType, byte[]> all = new LinkedHashMap<>();
    all.put(ImageType.JPEG, written("jpg"));
    all.put(ImageType.PNG, written("png"));
    all.put(ImageType.GIF, written("gif"));
    all.put(ImageType.BMP, written("bmp"));
    all.put(ImageType.TIFF, written("tiff"));
    all.put(ImageType.WEBP, webpCanvas(40, 30, 2));
    all.put(ImageType.AVIF, isoMedia("avif", 40, 30));
    all.put(ImageType.HEIC, isoMedia("heic", 40, 30));
    all.put(ImageType.JXL, jxl(40, 30));
    return all;
  }

  static byte[] written(String format) {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] big(long value) {
    return bytes((int) (value >> 24), (int) (value >> 16), (int) (value >> 8), (int) value);
  }

  static byte[] little(long value) {
    return bytes((int) value, (int) (value >> 8), (int) (value >> 16), (int) (value >> 24));
  }

  static byte[] riff(byte[]... chunks) {
    byte[] all = join(chunks);
    return join(ascii("RIFF"), little(all.length + 4), ascii("WEBP"), all);
  }

  static byte[] chunk(String name, byte[] content) {
    return join(ascii(name), little(content.length), content, new byte[content.length % 2]);
  }

  /** An extended WebP with frames. */
  static byte[] webpCanvas(int width, int height, int frames) {
    byte[][] chunks = new byte[frames + 1][];
    chunks[0] = chunk("VP8X", join(bytes(2, 0, 0, 0), u24(width - 1), u24(height - 1)));
    for (int i = 1; i <= frames; i++) {
      chunks[i] = chunk("ANMF", new byte[25]);
    }
    return riff(chunks);
  }

  private static byte[] u24(int value) {
    return bytes(value, value >> 8, value >> 16);
  }

  static byte[] box(String name, byte[]... content) {
    byte[] all = join(content);
    return join(big(all.length + 8), ascii(name), all);
  }

  static byte[] isoMedia(String brand, int width, int height) {
    byte[] ispe = box("ispe", new byte[4], big(width), big(height));
    byte[] thumbnail = box("ispe", new byte[4], big(4), big(3));
    return join(
        box("ftyp", ascii(brand), new byte[4], ascii("mif1miaf")),
        box("meta", new byte[4], box("hdlr", new byte[20]), box("iprp", box("ipco", thumbnail, ispe), box("ipma"))),
        box("mdat", new byte[100]));
  }

  /** Height and width in 9 bits each. */
  static byte[] jxl(int width, int height) {
    long bits = (long) (height - 1) << 3 | (long) (width - 1) << 17;
    return join(bytes(0xff, 0x0a), little(bits), new byte[8]);
  }
}

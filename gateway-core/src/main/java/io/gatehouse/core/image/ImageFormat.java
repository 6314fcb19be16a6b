package io.gatehouse.core.image;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A format that imgproxy knows by name, as the result or in lists of formats. */
public enum ImageFormat {
  JPEG("jpg", "jpeg"),
  PNG("png"),
  WEBP("webp"),
  AVIF("avif"),
  JXL("jxl"),
  GIF("gif"),
  HEIC("heic"),
  TIFF("tiff"),
  BMP("bmp"),
  ICO("ico"),
  SVG("svg"),
  /** Pro: a document. */
  PDF("pdf"),
  /** Pro: a film made of an animation. */
  MP4("mp4"),
  /** Pro: whichever imgproxy finds best for the picture. */
  BEST("best");

  private static final Map<String, ImageFormat> BY_NAME = new HashMap<>();

  static {
    for (ImageFormat format : values()) {
      for (String name : format.names) {
        BY_NAME.put(name, format);
      }
    }
  }

  private final String[] names;

  ImageFormat(String... names) {
    this.names = names;
  }

  /** As imgproxy writes it: {@code jpg}, {@code webp}. */
  public String extension() {
    return names[0];
  }

  /**
   * The format of a name in lower case, {@code jpeg} and {@code jpg} being one; empty if imgproxy has none.
   */
  public static Optional<ImageFormat> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static String known() {
    StringBuilder known = new StringBuilder("one of");
    for (ImageFormat format : values()) {
      known.append(format.ordinal() == 0 ? " " : ", ").append(format.extension());
    }
    return known.toString();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

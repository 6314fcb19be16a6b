package io.gatehouse.core.upload;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The types of images that are taken: those that imgproxy reads, but for SVG. */
public enum ImageType {
  JPEG("image/jpeg", "jpg"),
  PNG("image/png", "png"),
  GIF("image/gif", "gif"),
  WEBP("image/webp", "webp"),
  AVIF("image/avif", "avif"),
  HEIC("image/heic", "heic"),
  JXL("image/jxl", "jxl"),
  BMP("image/bmp", "bmp"),
  TIFF("image/tiff", "tiff");

  /** How many bytes of the beginning tell the type: {@value}. */
  static final int SNIFFED = 256;

  private static final List<String> AVIF_BRANDS = List.of("avif", "avis");
  private static final List<String> HEIC_BRANDS =
      List.of("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs");

  private final String mediaType;
  private final String extension;

  ImageType(String mediaType, String extension) {
    this.mediaType = mediaType;
    this.extension = extension;
  }

  public String mediaType() {
    return mediaType;
  }

  /** What names of its files end in, without the dot. */
  public String extension() {
    return extension;
  }

  /**
   * Tells the type by the bytes and nothing else.
   *
   * @param head the first {@value #SNIFFED} bytes of the content, or all of it when it is shorter
   * @throws RefusedUpload when it is none of these
   */
  static ImageType of(byte[] head) throws RefusedUpload {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("\u00ff\u00d8\u00ff")) {
      return JPEG;
    } else if (text.startsWith("\u0089PNG\r\n\u001a\n")) {
      return PNG;
    } else if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
      return GIF;
    } else if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
      return WEBP;
    } else if (text.startsWith("\u00ff\n") || text.startsWith("\0\0\0\u000cJXL \r\n\u0087\n")) {
      return JXL;
    } else if (text.startsWith("II*\0") || text.startsWith("MM\0*")) {
      return TIFF;
    } else if (text.startsWith("BM") && head.length >= 26) {
      return BMP;
    } else if (text.startsWith("ftyp", 4)) {
      return ofBrands(head, text).orElseThrow(ImageType::unknown);
    }
    throw isMarkup(text) ? markup() : unknown();
  }

  /** ISO 14496-12, 4.3: the brand, its version, and the brands that it is compatible with; four letters each. */
  private static Optional<ImageType> ofBrands(byte[] head, String text) {
    int end = Math.min(text.length(), (head[0] & 0xff) << 24 | (head[1] & 0xff) << 16 | (head[2] & 0xff) << 8 | head[3] & 0xff);
    for (int at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {
      String brand = text.substring(at, at + 4);
      if (AVIF_BRANDS.contains(brand)) {
        return Optional.of(AVIF);
      } else if (HEIC_BRANDS.contains(brand)) {
        return Optional.of(HEIC);
      }
    }
    return Optional.empty();
  }

  private static boolean isMarkup(String text) {
    String start = text.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading().toLowerCase(Locale.ROOT);
    return start.startsWith("<svg") || start.startsWith("<?xml") || start.startsWith("<!");
  }

  private static RefusedUpload markup() {
    return new RefusedUpload(
        RefusedUpload.Why.TYPE,
        "The content looks like SVG, which is not taken: it may hold scripts and refer to other files.");
  }

  private static RefusedUpload unknown() {
    return new RefusedUpload(
        RefusedUpload.Why.TYPE,
        List.of(values()).stream().map(type -> type.mediaType).collect(Collectors.joining(
            ", ", "The content is none of ", ".")));
  }
}

package io.gatehouse.jetty.demo;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the part of imgproxy's URLs that the sample backends understand:
 * {@code /<signature>/<options>/plain/local:///<picture>.<extension>[@<format>]}, or with the source in
 * base64url, {@code /<signature>/<options>/<source>[.<format>]}. Options are {@code resize} (with the types
 * fit, fill and force), {@code size}, {@code width}, {@code height} and {@code format}, and their short
 * names; a side of 0 follows from the other one. Signatures are not checked.
 *
 * <p>Unlike imgproxy, {@code fit} and {@code fill} also enlarge.
 */
final class ImageUrl {

  /** Why there is no picture: the status and the text of the answer. */
  static final class Refused extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;

    Refused(int status, String text) {
      super(text, null, false, false);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  private static final Pattern PLAIN =
      Pattern.compile("/[^/]+/(?:(?<options>.+)/)?plain/(?<source>.+?)(?:@(?<format>[a-z]+))?");
  private static final Pattern ENCODED =
      Pattern.compile("/[^/]+/(?:(?<options>.+)/)?(?<source>[0-9A-Za-z_-]+)(?:\\.(?<format>[a-z]+))?");
  private static final Pattern SOURCE = Pattern.compile("local:///([a-z]+)\\.(jpe?g|png)");
  private static final Pattern SIDE = Pattern.compile("[0-9]{1,9}");

  private String type = "fit";
  private int width;
  private int height;
  private String format = "";

  private ImageUrl() {}

  /**
   * The picture that a path asks for.
   *
   * @param path percent-encoded, without a query
   * @throws Refused when it is none that we have, or too large
   */
  static Rendition parse(String path) throws Refused {
    Matcher plain = PLAIN.matcher(path);
    boolean isPlain = plain.matches();
    Matcher url = isPlain ? plain : ENCODED.matcher(path);
    if (!isPlain && !url.matches()) {
      throw invalid();
    }
    ImageUrl wanted = new ImageUrl();
    if (url.group("options") != null) {
      for (String option : url.group("options").split("/", -1)) {
        wanted.option(option.split(":", -1));
      }
    }
    Matcher source = SOURCE.matcher(isPlain ? decoded(url.group("source")) : unwrapped(url.group("source")));
    if (!source.matches()) {
      throw new Refused(404, "Source image is unreachable");
    }
    SamplePicture picture =
        SamplePicture.named(source.group(1)).orElseThrow(() -> new Refused(404, "Source image is unreachable"));
    String extension = url.group("format") != null ? url.group("format") : wanted.format;
    return wanted.of(picture, format(extension.isEmpty() ? source.group(2) : extension));
  }

  private void option(String[] words) throws Refused {
    switch (words[0]) {
      case "resize", "rs" -> {
        type = words.length > 1 && !words[1].isEmpty() ? words[1] : type;
        size(words, 2);
      }
      case "size", "s" -> size(words, 1);
      case "width", "w" -> width = side(words, 1, width);
      case "height", "h" -> height = side(words, 1, height);
      case "format", "f", "ext" -> format = words.length > 1 ? words[1] : format;
      default -> throw invalid();
    }
  }

  private void size(String[] words, int first) throws Refused {
    width = side(words, first, width);
    height = side(words, first + 1, height);
  }

  private static int side(String[] words, int index, int otherwise) throws Refused {
    if (words.length <= index || words[index].isEmpty()) {
      return otherwise;
    }
    if (!SIDE.matcher(words[index]).matches()) {
      throw invalid();
    }
    return Integer.parseInt(words[index]);
  }

  private Rendition of(SamplePicture picture, Rendition.Format format) throws Refused {
    if (width > Rendition.LARGEST || height > Rendition.LARGEST) {
      throw tooLarge();
    }
    boolean exact =
        switch (type) {
          case "fit" -> false;
          case "fill", "force" -> width > 0 && height > 0;
          default -> throw invalid();
        };
    if (exact) {
      return new Rendition(picture, width, height, type.equals("fill"), format);
    }
    double scale =
        Math.min(
            width == 0 ? Double.MAX_VALUE : (double) width / picture.width(),
            height == 0 ? Double.MAX_VALUE : (double) height / picture.height());
    if (scale == Double.MAX_VALUE) {
      scale = 1;
    }
    long w = Math.max(1, Math.round(picture.width() * scale));
    long h = Math.max(1, Math.round(picture.height() * scale));
    if (w > Rendition.LARGEST || h > Rendition.LARGEST) {
      throw tooLarge();
    }
    return new Rendition(picture, (int) w, (int) h, false, format);
  }

  private static Rendition.Format format(String extension) throws Refused {
    return switch (extension.toLowerCase(Locale.ROOT)) {
      case "jpg", "jpeg" -> Rendition.Format.JPEG;
      case "png" -> Rendition.Format.PNG;
      default -> throw new Refused(422, "Resulting image format is not supported");
    };
  }

  private static String unwrapped(String base64) throws Refused {
    try {
      return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
  }

  private static String decoded(String text) throws Refused {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
  }

  private static Refused invalid() {
    return new Refused(404, "Invalid URL");
  }

  private static Refused tooLarge() {
    return new Refused(422, "Resulting image is too large");
  }
}

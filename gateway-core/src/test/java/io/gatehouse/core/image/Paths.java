package io.gatehouse.core.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes valid paths of imgproxy, by its documentation and not by the grammar that is tested. */
final class Paths {

  private static final String[] SIDES = {"no", "so", "ea", "we", "noea", "nowe", "soea", "sowe", "ce"};
  private static final String[] BOOLS = {"1", "t", "true", "0", "f", "false", "True", "FALSE"};
  private static final String[] FORMATS = {"jpg", "jpeg", "png", "webp", "avif", "jxl", "gif", "heic", "tiff", "bmp",
      "ico", "svg", "pdf", "mp4", "best"};
  private static final String[] URLS = {
      "http://example.com/images/curiosity.jpg", "https://img.example.com:8443/a%20b/ü.png?x=1&y=@2",
      "local:///tenants/acme/a.jpg", "s3://bucket/prefix/key", "gs://b/k", "abs://c/d/e.webp", "swift://c/o", "x"};

  private final Random random;

  Paths(long seed) {
    random = new Random(seed);
  }

  String path() {
    return "/" + oneOf("unsafe", "_", "AfrOrF3gWeDA6VOlDG4TzxMv39O7MXnF4CXpKUwGqRM") + "/" + unsignedPath();
  }

  private String unsignedPath() {
    String options = options();
    return options + (options.isEmpty() ? "" : "/") + source();
  }

  /** Up to six options, and now and then another pipeline. */
  String options() {
    List<String> segments = new ArrayList<>();
    for (int i = random.nextInt(7); i > 0; i--) {
      if (random.nextInt(8) == 0) {
        segments.add("-");
      }
      ImageOptionName[] names = ImageOptionName.values();
      segments.add(option(names[random.nextInt(names.length)]));
    }
    if (random.nextInt(20) == 0) {
      segments.add("-");
    }
    return String.join("/", segments);
  }

  String option(ImageOptionName option) {
    List<String> names = option.names();
    return names.get(random.nextInt(names.size())) + ":" + String.join(":", arguments(option));
  }

  private List<String> arguments(ImageOptionName option) {
    return switch (option) {
      case RESIZE -> some(1, free(oneOf("fit", "fill", "fill-down", "force", "auto")), free(whole()), free(whole()),
          free(bool()), bool(), side(), signed(), signed());
      case SIZE -> some(1, free(whole()), free(whole()), free(bool()), bool(), side(), signed(), signed());
      case RESIZING_TYPE -> List.of(oneOf("fit", "fill", "fill-down", "force", "auto"));
      case RESIZING_ALGORITHM -> List.of(oneOf("nearest", "linear", "cubic", "lanczos2", "lanczos3"));
      case WIDTH, HEIGHT, MIN_WIDTH, MIN_HEIGHT, PIXELATE, MAX_BYTES, PAGE, PAGES, MAX_SRC_FILE_SIZE,
          MAX_RESULT_DIMENSION -> List.of(whole());
      case ZOOM -> some(1, positive(), positive());
      case DPR -> List.of(positive());
      case ENLARGE, AUTO_ROTATE, STRIP_METADATA, KEEP_COPYRIGHT, STRIP_COLOR_PROFILE, ENFORCE_THUMBNAIL,
          DISABLE_ANIMATION, VIDEO_THUMBNAIL_KEYFRAMES, RAW, RETURN_ATTACHMENT -> List.of(bool());
      case EXTEND, EXTEND_ASPECT_RATIO -> some(1, bool(), side(), signed(), signed());
      case GRAVITY -> gravity();
      case OBJECTS_POSITION -> random.nextBoolean() ? List.of("prop") : some(1, side(), signed(), signed());
      case CROP -> random.nextBoolean() ? some(1, number(), number()) : after(gravity(), number(), number());
      case CROP_ASPECT_RATIO -> some(1, number(), free(bool()));
      case TRIM -> some(1, free(number()), free(color()), free(bool()), free(bool()));
      case PADDING -> some(1, free(whole()), free(whole()), free(whole()), free(whole()));
      case ROTATE -> List.of(oneOf("0", "90", "180", "270", "-90", "450"));
      case FLIP -> some(1, free(bool()), free(bool()));
      case BACKGROUND -> random.nextBoolean() ? List.of(free(color())) : List.of("0", "128", "255");
      case BACKGROUND_ALPHA -> List.of(fraction());
      case ADJUST -> some(1, free(shift()), free(number()), free(number()));
      case BRIGHTNESS -> List.of(shift());
      case CONTRAST, SATURATION, BLUR, SHARPEN, DPI, WATERMARK_SHADOW, VIDEO_THUMBNAIL_SECOND, MAX_SRC_RESOLUTION,
          MAX_ANIMATION_FRAME_RESOLUTION -> List.of(number());
      case MONOCHROME -> some(1, fraction(), free(color()));
      case DUOTONE -> some(1, fraction(), free(color()), free(color()));
      case UNSHARP_MASKING -> some(1, free(oneOf("auto", "none", "always")), free(number()), free(number()));
      case BLUR_DETECTIONS -> some(1, number(), "face", "cat");
      case DRAW_DETECTIONS -> some(1, bool(), "face", "traffic%20light");
      case COLORIZE -> some(1, fraction(), free(color()), free(bool()));
      case GRADIENT -> some(1, fraction(), free(color()), free(oneOf("down", "left", "45", "-12.5")), free(fraction()),
          free(fraction()));
      case WATERMARK -> some(1, fraction(), free(oneOf("ce", "re", "ch", "soea")), free(signed()), free(signed()),
          free(number()));
      case WATERMARK_URL, WATERMARK_TEXT, STYLE, FALLBACK_IMAGE_URL ->
          List.of(free(oneOf("aW1hZ2UxCg", "aW1hZ2UxCg==")));
      case WATERMARK_SIZE -> some(1, free(whole()), free(whole()));
      case WATERMARK_ROTATE -> List.of(signed());
      case COLOR_PROFILE -> List.of(oneOf("srgb", "cmyk", "my%20profile.icc"));
      case QUALITY -> List.of(oneOf("0", "1", "80", "100"));
      case FORMAT_QUALITY -> random.nextBoolean()
          ? List.of(oneOf(FORMATS), "80")
          : List.of(oneOf(FORMATS), "80", oneOf(FORMATS), "60");
      case AUTOQUALITY -> some(1, free(oneOf("none", "size", "dssim", "ml")), free(number()), free("70"), free("80"),
          free("0.001"));
      case JPEG_OPTIONS -> some(1, free(bool()), free(bool()), free(bool()), free(bool()), free(bool()), free("3"));
      case PNG_OPTIONS -> some(1, free(bool()), free(bool()), free("128"));
      case WEBP_OPTIONS -> some(1, free(oneOf("lossy", "near_lossless", "lossless")), free(bool()), free("photo"));
      case AVIF_OPTIONS -> List.of(oneOf("auto", "on", "off"));
      case FORMAT_OF_RESULT -> List.of(oneOf(FORMATS));
      case VIDEO_THUMBNAIL_TILE, VIDEO_THUMBNAIL_ANIMATION -> some(5, signed(), "2", "3", "100", "80", free(bool()),
          free(bool()), free(bool()), free(fraction()), free(fraction()));
      case SKIP_PROCESSING -> some(1, oneOf(FORMATS), oneOf(FORMATS), oneOf(FORMATS));
      case CACHEBUSTER -> List.of(free(oneOf("v1", "a%2Fb", "~!$&'()*+,;=")));
      case EXPIRES -> List.of(oneOf("0", "1767225600", "4102444800"));
      case FILENAME -> some(1, oneOf("a.png", "%D1%84", "YS5wbmc"), free(bool()));
      case PRESET -> some(1, oneOf("sharp", "thumb_small"), "blurry", "x.y-z");
      case HASHSUM -> random.nextBoolean() ? List.of("none") : List.of("md5", "d41d8cd98f00b204e9800998ecf8427e");
      case MAX_ANIMATION_FRAMES -> List.of(oneOf("1", "64"));
    };
  }

  String source() {
    String url = oneOf(URLS);
    return switch (random.nextInt(3)) {
      case 0 -> "plain/" + url.replace("%", "%25").replace("ü", "%C3%BC").replace("?", "%3f").replace("@", "%40")
          + oneOf("", "@", "@" + oneOf(FORMATS));
      case 1 -> split(Base64Url.encode(url)) + oneOf("", ".", "." + oneOf(FORMATS));
      default -> "enc/" + split("jwV3wUD9r4VBIzgvang3Hbh0vPpcm5ccVO5rHxzonpvZjppG") + oneOf("", ".png");
    };
  }

  private String split(String base64) {
    StringBuilder split = new StringBuilder(base64);
    for (int i = 16; i < split.length(); i += 17) {
      if (random.nextBoolean()) {
        split.insert(i, '/');
      }
    }
    return split + (random.nextInt(4) == 0 ? "=".repeat((4 - base64.length() % 4) % 4) : "");
  }

  private List<String> gravity() {
    return switch (random.nextInt(4)) {
      case 0 -> List.of("sm");
      case 1 -> List.of("fp", fraction(), fraction());
      case 2 -> random.nextBoolean() ? List.of("obj", "face") : List.of("objw", "all", "2", "face", "3.5");
      default -> some(1, side(), signed(), signed());
    };
  }

  private static List<String> after(List<String> last, String... first) {
    List<String> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(last);
    return all;
  }

  private List<String> some(int least, String... of) {
    return Arrays.asList(of).subList(0, least + random.nextInt(of.length - least + 1));
  }

  private String free(String argument) {
    return random.nextInt(5) == 0 ? "" : argument;
  }

  private String whole() {
    return oneOf("0", "1", "300", "0400", "2147483647");
  }

  private String number() {
    return oneOf("0", "1", "0.5", ".5", "5.", "300.25");
  }

  private String positive() {
    return oneOf("1", "2", "1.5", ".5");
  }

  private String signed() {
    return oneOf("0", "-10", "12.5", "-.5");
  }

  private String fraction() {
    return oneOf("0", "1", "0.5", ".25", "1.0");
  }

  private String shift() {
    return oneOf("-255", "0", "255", "-7");
  }

  private String bool() {
    return oneOf(BOOLS);
  }

  private String side() {
    return oneOf(SIDES);
  }

  private String color() {
    return oneOf("fff", "FF00ff", "000000");
  }

  String oneOf(String... of) {
    return of[random.nextInt(of.length)];
  }
}

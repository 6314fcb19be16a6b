package io.gatehouse.core.image;

import static io.gatehouse.core.image.Word.ALGORITHM;
import static io.gatehouse.core.image.Word.ANGLE;
import static io.gatehouse.core.image.Word.BASE64;
import static io.gatehouse.core.image.Word.BOOL;
import static io.gatehouse.core.image.Word.BYTE;
import static io.gatehouse.core.image.Word.COLOR;
import static io.gatehouse.core.image.Word.DIRECTION;
import static io.gatehouse.core.image.Word.FORMAT;
import static io.gatehouse.core.image.Word.FRACTION;
import static io.gatehouse.core.image.Word.HASH;
import static io.gatehouse.core.image.Word.HEX;
import static io.gatehouse.core.image.Word.NAME;
import static io.gatehouse.core.image.Word.NUMBER;
import static io.gatehouse.core.image.Word.PERCENT;
import static io.gatehouse.core.image.Word.POSITIVE;
import static io.gatehouse.core.image.Word.POSITIVE_WHOLE;
import static io.gatehouse.core.image.Word.RESIZING;
import static io.gatehouse.core.image.Word.SHIFT;
import static io.gatehouse.core.image.Word.SIGNED;
import static io.gatehouse.core.image.Word.TEXT;
import static io.gatehouse.core.image.Word.TIME;
import static io.gatehouse.core.image.Word.WATERMARK_PLACE;
import static io.gatehouse.core.image.Word.WHOLE;

import io.gatehouse.core.image.Grammar.Tail;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The processing options of imgproxy and imgproxy Pro, with all their names and what their arguments may be.
 * Source: docs.imgproxy.net, Processing an image, 3.30 and 4, and {@code options/parser} of its sources.
 */
public enum ImageOptionName {
  RESIZE(sized(Grammar.of().free(RESIZING)), "resize", "rs"),
  SIZE(sized(Grammar.of()), "size", "s"),
  RESIZING_TYPE(Grammar.of(RESIZING), "resizing_type", "rt"),
  RESIZING_ALGORITHM(Grammar.of(ALGORITHM), "resizing_algorithm", "ra"),
  WIDTH(Grammar.of(WHOLE), "width", "w"),
  HEIGHT(Grammar.of(WHOLE), "height", "h"),
  MIN_WIDTH(Grammar.of(WHOLE), "min-width", "mw"),
  MIN_HEIGHT(Grammar.of(WHOLE), "min-height", "mh"),
  ZOOM(Grammar.of(POSITIVE).last(POSITIVE), "zoom", "z"),
  DPR(Grammar.of(POSITIVE), "dpr"),
  ENLARGE(Grammar.of(BOOL), "enlarge", "el"),
  EXTEND(Grammar.of(BOOL).then(Tail.SIDES), "extend", "ex"),
  EXTEND_ASPECT_RATIO(Grammar.of(BOOL).then(Tail.SIDES), "extend_aspect_ratio", "extend_ar", "exar"),
  GRAVITY(Grammar.of().thenNeeded(Tail.GRAVITY), "gravity", "g"),
  OBJECTS_POSITION(Grammar.of().thenNeeded(Tail.OBJECTS), "objects_position", "obj_pos", "op"),
  CROP(Grammar.of(NUMBER).last(NUMBER).then(Tail.GRAVITY), "crop", "c"),
  CROP_ASPECT_RATIO(Grammar.of(NUMBER).free(BOOL), "crop_aspect_ratio", "crop_ar", "car"),
  TRIM(Grammar.of().free(NUMBER, COLOR, BOOL, BOOL), "trim", "t"),
  PADDING(Grammar.of().free(WHOLE, WHOLE, WHOLE, WHOLE), "padding", "pd"),
  AUTO_ROTATE(Grammar.of(BOOL), "auto_rotate", "ar"),
  ROTATE(Grammar.of(ANGLE), "rotate", "rot"),
  FLIP(Grammar.of().free(BOOL, BOOL), "flip", "fl"),
  BACKGROUND(Grammar.of().free(COLOR), Grammar.of(BYTE, BYTE, BYTE), "background", "bg"),
  BACKGROUND_ALPHA(Grammar.of(FRACTION), "background_alpha", "bga"),
  ADJUST(Grammar.of().free(SHIFT, NUMBER, NUMBER), "adjust", "a"),
  BRIGHTNESS(Grammar.of(SHIFT), "brightness", "br"),
  CONTRAST(Grammar.of(NUMBER), "contrast", "co"),
  SATURATION(Grammar.of(NUMBER), "saturation", "sa"),
  MONOCHROME(Grammar.of(FRACTION).free(COLOR), "monochrome", "mc"),
  DUOTONE(Grammar.of(FRACTION).free(COLOR, COLOR), "duotone", "dt"),
  BLUR(Grammar.of(NUMBER), "blur", "bl"),
  SHARPEN(Grammar.of(NUMBER), "sharpen", "sh"),
  PIXELATE(Grammar.of(WHOLE), "pixelate", "pix"),
  UNSHARP_MASKING(Grammar.of().free(NAME, NUMBER, NUMBER), "unsharp_masking", "ush"),
  BLUR_DETECTIONS(Grammar.of(NUMBER).repeat(NAME), "blur_detections", "bd"),
  DRAW_DETECTIONS(Grammar.of(BOOL).repeat(NAME), "draw_detections", "dd"),
  COLORIZE(Grammar.of(FRACTION).free(COLOR, BOOL), "colorize", "col"),
  GRADIENT(Grammar.of(FRACTION).free(COLOR, DIRECTION, FRACTION, FRACTION), "gradient", "gr"),
  WATERMARK(Grammar.of(FRACTION).free(WATERMARK_PLACE, SIGNED, SIGNED, NUMBER), "watermark", "wm"),
  WATERMARK_URL(Grammar.of().free(BASE64), "watermark_url", "wmu"),
  WATERMARK_TEXT(Grammar.of().free(BASE64), "watermark_text", "wmt"),
  WATERMARK_SIZE(Grammar.of().free(WHOLE, WHOLE), "watermark_size", "wms"),
  WATERMARK_ROTATE(Grammar.of(SIGNED), "watermark_rotate", "wm_rot", "wmr"),
  WATERMARK_SHADOW(Grammar.of(NUMBER), "watermark_shadow", "wmsh"),
  STYLE(Grammar.of().free(BASE64), "style", "st"),
  STRIP_METADATA(Grammar.of(BOOL), "strip_metadata", "sm"),
  KEEP_COPYRIGHT(Grammar.of(BOOL), "keep_copyright", "kcr"),
  DPI(Grammar.of(NUMBER), "dpi"),
  STRIP_COLOR_PROFILE(Grammar.of(BOOL), "strip_color_profile", "scp"),
  COLOR_PROFILE(Grammar.of().free(NAME), "color_profile", "cp", "icc"),
  ENFORCE_THUMBNAIL(Grammar.of(BOOL), "enforce_thumbnail", "eth"),
  QUALITY(Grammar.of(PERCENT), "quality", "q"),
  FORMAT_QUALITY(Grammar.of().repeatNeeded(FORMAT, PERCENT), "format_quality", "fq"),
  AUTOQUALITY(Grammar.of().free(NAME, NUMBER, PERCENT, PERCENT, NUMBER), "autoquality", "aq"),
  MAX_BYTES(Grammar.of(WHOLE), "max_bytes", "mb"),
  JPEG_OPTIONS(Grammar.of().free(BOOL, BOOL, BOOL, BOOL, BOOL, WHOLE), "jpeg_options", "jpgo"),
  PNG_OPTIONS(Grammar.of().free(BOOL, BOOL, WHOLE), "png_options", "pngo"),
  WEBP_OPTIONS(Grammar.of().free(NAME, BOOL, NAME), "webp_options", "webpo"),
  AVIF_OPTIONS(Grammar.of().free(NAME), "avif_options", "avifo"),
  FORMAT_OF_RESULT(Grammar.of(FORMAT), "format", "f", "ext"),
  PAGE(Grammar.of(WHOLE), "page", "pg"),
  PAGES(Grammar.of(WHOLE), "pages", "pgs"),
  DISABLE_ANIMATION(Grammar.of(BOOL), "disable_animation", "da"),
  VIDEO_THUMBNAIL_SECOND(Grammar.of(NUMBER), "video_thumbnail_second", "vts"),
  VIDEO_THUMBNAIL_KEYFRAMES(Grammar.of(BOOL), "video_thumbnail_keyframes", "vtk"),
  VIDEO_THUMBNAIL_TILE(
      Grammar.of(SIGNED, WHOLE, WHOLE, WHOLE, WHOLE).free(BOOL, BOOL, BOOL, FRACTION, FRACTION),
      "video_thumbnail_tile", "vtt"),
  VIDEO_THUMBNAIL_ANIMATION(
      Grammar.of(SIGNED, WHOLE, WHOLE, WHOLE, WHOLE).free(BOOL, BOOL, BOOL, FRACTION, FRACTION),
      "video_thumbnail_animation", "vta"),
  FALLBACK_IMAGE_URL(Grammar.of().free(BASE64), "fallback_image_url", "fiu"),
  SKIP_PROCESSING(Grammar.of().repeatNeeded(FORMAT), "skip_processing", "skp"),
  RAW(Grammar.of(BOOL), "raw"),
  CACHEBUSTER(Grammar.of().free(TEXT), "cachebuster", "cb"),
  EXPIRES(Grammar.of(TIME), "expires", "exp"),
  FILENAME(Grammar.of(TEXT).free(BOOL), "filename", "fn"),
  RETURN_ATTACHMENT(Grammar.of(BOOL), "return_attachment", "att"),
  PRESET(Grammar.of().repeatNeeded(NAME), "preset", "pr"),
  HASHSUM(Grammar.of(HASH).free(HEX), "hashsum", "hs"),
  MAX_SRC_RESOLUTION(Grammar.of(NUMBER), "max_src_resolution", "msr"),
  MAX_SRC_FILE_SIZE(Grammar.of(WHOLE), "max_src_file_size", "msfs"),
  MAX_ANIMATION_FRAMES(Grammar.of(POSITIVE_WHOLE), "max_animation_frames", "maf"),
  MAX_ANIMATION_FRAME_RESOLUTION(Grammar.of(NUMBER), "max_animation_frame_resolution", "mafr"),
  MAX_RESULT_DIMENSION(Grammar.of(WHOLE), "max_result_dimension", "mrd");

  private static final Map<String, ImageOptionName> BY_NAME = new HashMap<>();

  static {
    for (ImageOptionName option : values()) {
      for (String name : option.names) {
        BY_NAME.put(name, option);
      }
    }
  }

  private final Grammar grammar;
  private final @Nullable Grammar ofThree;
  private final List<String> names;

  ImageOptionName(Grammar grammar, String... names) {
    this(grammar, null, names);
  }

  ImageOptionName(Grammar grammar, @Nullable Grammar ofThree, String... names) {
    this.grammar = grammar;
    this.ofThree = ofThree;
    this.names = List.of(names);
  }

  private static Grammar sized(Grammar before) {
    return before.free(WHOLE, WHOLE, BOOL, BOOL).then(Tail.SIDES);
  }

  /**
   * The option of one of its names, as they are written: in lower case. Empty if imgproxy has none of that
   * name.
   */
  public static Optional<ImageOptionName> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** All names, the long one first and the shortest last. */
  public List<String> names() {
    return names;
  }

  /** The name of the documentation, such as {@code resize}. */
  public String longName() {
    return names.get(0);
  }

  /** The shortest name, such as {@code rs}; the long one if there is no other. */
  public String shortName() {
    return names.get(names.size() - 1);
  }

  Grammar.@Nullable Fault fault(List<String> arguments) {
    return (ofThree != null && arguments.size() == 3 ? ofThree : grammar).fault(arguments);
  }
}

package io.gatehouse.core.image;

import io.gatehouse.core.image.ImagePolicy.Chain;
import io.gatehouse.core.image.ImagePolicy.Encrypted;
import io.gatehouse.core.image.ImagePolicy.Writing;
import io.gatehouse.core.image.ImageSource.Encoding;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges what a tenant asks of imgproxy and writes it anew: presets written out, options by their short
 * names, the imposed ones last, the source in the spelling that was judged and in Base64, all of it signed
 * with a key that no tenant has. What imgproxy gets is made of the tree and not of the text, so that it
 * cannot read in it what was not judged.
 *
 * <p>Of a width without height (or a height without width) the other side depends on the picture. Where the
 * picture is to fit, the policy's largest is written for that side, which changes nothing for pictures that
 * are not larger. Where that would change the result, it is refused if it can become larger than the source,
 * and otherwise left to imgproxy's limits of sources.
 *
 * <p>What imgproxy itself is told holds after all of this: {@code IMGPROXY_BASE_URL} and
 * {@code IMGPROXY_URL_REPLACEMENTS} would change sources that were judged, and a preset {@code default} would
 * be applied unseen. Where a source leads to by redirects, and to which address its name, is only seen by
 * imgproxy ({@code IMGPROXY_MAX_REDIRECTS}, {@code IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES}).
 *
 * <p>Any thread; does not block.
 */
public final class ImageRewriter {

  /** What stands for a signature where imgproxy has no key: {@value}. */
  public static final String UNSIGNED = "unsafe";

  /** What is named as SVG: it can hold scripts, and imgproxy gives it out as it is, but for those. */
  private static final Pattern VECTOR = Pattern.compile("[^?]*\\.svgz?(?:\\?.*)?", Pattern.CASE_INSENSITIVE);

  private final @Nullable ImgproxySigner signer;
  private final String separator;

  private ImageRewriter(@Nullable ImgproxySigner signer, String separator) {
    ImageOptions.checkSeparator(separator);
    this.signer = signer;
    this.separator = separator;
  }

  /** For an imgproxy with a key. */
  public static ImageRewriter signing(ImgproxySigner signer) {
    return new ImageRewriter(signer, ImageOptions.SEPARATOR);
  }

  /** For an imgproxy without a key, which whoever reaches it can use. */
  public static ImageRewriter unsigned() {
    return new ImageRewriter(null, ImageOptions.SEPARATOR);
  }

  /**
   * The same for an imgproxy with another {@code IMGPROXY_ARGUMENTS_SEPARATOR}, which paths are then read
   * with as well.
   */
  public ImageRewriter separatedBy(String other) {
    return new ImageRewriter(signer, other);
  }

  /** What became of a path. */
  public sealed interface Result {}

  /**
   * It may be forwarded.
   *
   * @param target the path to forward, signed, beginning with a slash
   * @param pixels at most so many will the result have, or the policy's most where that is not known; 1 or
   *     more
   */
  public record Rewritten(String target, long pixels) implements Result {}

  /**
   * It may not.
   *
   * @param rule what it broke: the long name of an option, or {@code source}, {@code extension},
   *     {@code options}, {@code path}, {@code signature}, {@code pixels}, {@code pipelines}
   * @param detail a sentence for the client: what was asked for and what is expected. Says nothing of the
   *     sources that would be allowed
   */
  public record Denied(String rule, String detail) implements Result {}

  /** Ends the judging of one path; it has no stack trace, because strangers cause it. */
  private static final class Refused extends RuntimeException {

    private final Denied denied;

    Refused(String rule, String found, String expected) {
      super(null, null, false, false);
      this.denied = new Denied(rule, rule + ": " + found + " (expected: " + expected + ")");
    }
  }

  /**
   * Reads, judges and rewrites a path without signature: {@code /options…/source}.
   *
   * @param unsigned as it was sent, without prefix, signature and query
   */
  public Result rewrite(String unsigned, ImagePolicy policy) {
    return rewrite(unsigned, policy, ImageHints.NONE);
  }

  /**
   * As {@link #rewrite(String, ImagePolicy)}, for a request whose hints are forwarded to an imgproxy that
   * heeds them.
   */
  public Result rewrite(String unsigned, ImagePolicy policy, ImageHints hints) {
    ImagePath path;
    try {
      path = ImagePath.parseUnsigned(ImagePath.repair(unsigned), separator);
    } catch (ImageSyntaxException fault) {
      return new Denied(fault.part(), fault.getMessage());
    }
    return rewrite(path, policy, hints);
  }

  /** Judges and rewrites what was read already. The signature of the path is not looked at. */
  public Result rewrite(ImagePath path, ImagePolicy policy) {
    return rewrite(path, policy, ImageHints.NONE);
  }

  /**
   * As {@link #rewrite(ImagePath, ImagePolicy)}, for a request whose hints are forwarded to an imgproxy that
   * heeds them.
   */
  public Result rewrite(ImagePath path, ImagePolicy policy, ImageHints hints) {
    try {
      String source = source(path.source(), policy);
      extension(path.source(), policy);
      Chain chain = options(path.options(), policy);
      long pixels = fit(chain, policy, hints);
      String target = print(chain, source);
      return new Rewritten(signer == null ? "/" + UNSIGNED + target : signer.signed(target), pixels);
    } catch (Refused refused) {
      return refused.denied;
    }
  }

  /** The source as it is forwarded. */
  private static String source(ImageSource source, ImagePolicy policy) {
    String suffix = source.extension().isEmpty() ? "" : "." + source.extension();
    if (source.encoding() == Encoding.ENCRYPTED) {
      if (policy.encrypted() == Encrypted.REFUSED) {
        throw new Refused("source", "encrypted", "plain/ and a URL, or a URL in URL-safe Base64");
      }
      return "enc/" + source.written().replace("/", "") + suffix;
    }
    return Base64Url.encode(judged(source.url(), "source", policy)) + suffix;
  }

  private static String judged(String url, String rule, ImagePolicy policy) {
    SourceUrl parsed;
    try {
      parsed = SourceUrl.parse(url);
    } catch (ImageSyntaxException fault) {
      throw new Refused(rule, ImageSyntaxException.shown(url), fault.expected());
    }
    if (VECTOR.matcher(parsed.url()).matches() && !policy.formats().contains(ImageFormat.SVG)) {
      throw new Refused(rule, ImageSyntaxException.shown(url), "no SVG here");
    }
    for (AllowedSource allowed : policy.sources()) {
      if (allowed.covers(parsed)) {
        return parsed.url();
      }
    }
    throw new Refused(rule, ImageSyntaxException.shown(url), "a source that is allowed here");
  }

  private static void extension(ImageSource source, ImagePolicy policy) {
    if (!source.extension().isEmpty()) {
      format("extension", source.extension(), policy);
    }
  }

  private static void format(String rule, String name, ImagePolicy policy) {
    if (ImageFormat.named(name).filter(policy.formats()::contains).isEmpty()) {
      throw new Refused(rule, name, "a format that is allowed here");
    }
  }

  /** The options with their presets written out, each that the client has written judged. */
  private static Chain options(ImageOptions options, ImagePolicy policy) {
    List<List<ImageOption>> pipelines = options.pipelines();
    if (pipelines.size() > policy.limits().pipelines()) {
      throw new Refused("pipelines", String.valueOf(pipelines.size()), "at most " + policy.limits().pipelines());
    }
    Chain chain = new Chain();
    for (int i = 0; i < pipelines.size(); i++) {
      chain.reach(i);
      for (ImageOption option : pipelines.get(i)) {
        if (option.name() == ImageOptionName.PRESET) {
          presets(option, i, chain, policy);
        } else {
          chain.add(i, judged(option, policy));
        }
        if (chain.size() > ImagePolicy.MOST_OPTIONS) {
          throw new Refused("options", "more than " + ImagePolicy.MOST_OPTIONS, "fewer, those of presets included");
        }
      }
    }
    return chain;
  }

  private static void presets(ImageOption option, int pipeline, Chain chain, ImagePolicy policy) {
    allowed(option, policy);
    for (String name : option.arguments()) {
      ImageOptions preset = policy.presets().get(name);
      if (preset == null) {
        throw new Refused("preset", ImageSyntaxException.shown(name), "the name of a preset");
      }
      // A chain of empty pipelines has no options to count.
      if (pipeline + preset.pipelines().size() > ImagePolicy.MOST_OPTIONS) {
        throw new Refused("pipelines", "more than " + ImagePolicy.MOST_OPTIONS, "fewer, those of presets included");
      }
      chain.add(pipeline, preset);
    }
  }

  private static void allowed(ImageOption option, ImagePolicy policy) {
    if (!policy.allows(option.name())) {
      throw new Refused(option.name().longName(), "written", "not to be written here");
    }
  }

  private static ImageOption judged(ImageOption option, ImagePolicy policy) {
    if (policy.writing() == Writing.PRESETS_ONLY) {
      throw new Refused(option.name().longName(), "written", "presets only");
    }
    allowed(option, policy);
    switch (option.name()) {
      case DPR -> most(option, policy.limits().dpr());
      case BLUR, BLUR_DETECTIONS, WATERMARK_SHADOW -> most(option, policy.limits().blur());
      case SHARPEN -> most(option, policy.limits().sharpen());
      case FORMAT_OF_RESULT -> format("format", option.argument(0), policy);
      case GRAVITY -> objects(option, 0, policy);
      case CROP -> objects(option, 2, policy);
      case WATERMARK_URL, FALLBACK_IMAGE_URL -> {
        return otherSource(option, policy);
      }
      default -> { }
    }
    return option;
  }

  private static void most(ImageOption option, double most) {
    if (Double.parseDouble(option.argument(0)) > most) {
      throw new Refused(option.name().longName(), option.argument(0), "at most " + plain(most));
    }
  }

  private static String plain(double number) {
    return number == Math.rint(number) && number < 1e15 ? String.valueOf((long) number) : String.valueOf(number);
  }

  private static void objects(ImageOption option, int place, ImagePolicy policy) {
    if (option.argument(place).startsWith("obj") && !policy.allows(ImageOptionName.OBJECTS_POSITION)) {
      throw new Refused(option.name().longName(), option.argument(place), "no looking for objects here");
    }
  }

  private static ImageOption otherSource(ImageOption option, ImagePolicy policy) {
    if (option.argument(0).isEmpty()) {
      return option;
    }
    String rule = option.name().longName();
    String url = Base64Url.decode(option.argument(0)).orElseThrow(
        () -> new Refused(rule, ImageSyntaxException.shown(option.argument(0)), "a URL in URL-safe Base64"));
    return ImageOption.of(option.name(), Base64Url.encode(judged(url, rule, policy)));
  }

  /** Puts the imposed options in, closes open boxes, and sees that no pipeline makes anything too large. */
  private static long fit(Chain chain, ImagePolicy policy, ImageHints hints) {
    ImageLimits limits = policy.limits();
    List<ImageOption> imposed = policy.imposed().pipelines().get(0);
    long width = Canvas.UNKNOWN;
    long height = Canvas.UNKNOWN;
    long pixels = 0;
    for (int i = 0; i < chain.pipelines().size(); i++) {
      Canvas canvas = new Canvas(hints.dprOr1(), i == 0 ? hints.widthBeforeDpr() : 0, width, height);
      for (ImageOption option : chain.pipelines().get(i)) {
        canvas.apply(option);
        if (option.name() == ImageOptionName.RAW && option.says(0)) {
          // Nothing is made of the picture, whatever else is written.
          pixels = limits.pixels();
        }
      }
      for (ImageOption option : imposed) {
        canvas.apply(option);
      }
      if (canvas.openBox()) {
        ImageOption closing = closing(canvas, limits);
        canvas.apply(closing);
        chain.add(i, closing);
      }
      for (ImageOption option : imposed) {
        chain.add(i, option);
      }
      width = within("width", canvas.resultWidth(), canvas.paddingX(), limits.width(), canvas);
      height = within("height", canvas.resultHeight(), canvas.paddingY(), limits.height(), canvas);
      pixels = Math.max(pixels, pixels(width, height, limits));
    }
    return pixels;
  }

  /** The largest value of the side that was not given. */
  private static ImageOption closing(Canvas canvas, ImageLimits limits) {
    boolean given = canvas.widthGiven();
    long side = given ? canvas.resultWidth() : canvas.resultHeight();
    long most = Math.min(given ? limits.height() : limits.width(), limits.pixels() / Math.max(1, side));
    long value = given ? canvas.heightWithin(most) : canvas.widthWithin(most);
    if (value < 1) {
      throw new Refused(given ? "width" : "height", side + " pixels with zoom, dpr and padding",
          "less, so that something is left for the " + (given ? "height" : "width"));
    }
    return ImageOption.of(given ? ImageOptionName.HEIGHT : ImageOptionName.WIDTH, String.valueOf(value));
  }

  private static long within(String side, long pixels, long padding, int most, Canvas canvas) {
    if (pixels == Canvas.UNKNOWN && canvas.grows()) {
      throw new Refused(side, "not given", "width and height where the picture is enlarged");
    }
    if (Math.max(pixels, padding) > most) {
      throw new Refused(side, Math.max(pixels, padding) + " pixels with zoom, dpr and padding", "at most " + most);
    }
    return pixels;
  }

  private static long pixels(long width, long height, ImageLimits limits) {
    if (width == Canvas.UNKNOWN || height == Canvas.UNKNOWN) {
      long known = Math.max(width, height);
      long other = width == Canvas.UNKNOWN ? limits.width() : limits.height();
      return known == Canvas.UNKNOWN ? limits.pixels() : Math.max(1, Math.min(limits.pixels(), known * other));
    }
    if (width * height > limits.pixels()) {
      throw new Refused("pixels", width + " x " + height, "at most " + limits.pixels());
    }
    return Math.max(1, width * height);
  }

  private String print(Chain chain, String source) {
    StringBuilder text = new StringBuilder(192);
    for (int i = 0; i < chain.pipelines().size(); i++) {
      if (i > 0) {
        text.append('/').append(ImageOptions.CHAIN);
      }
      for (ImageOption option : chain.pipelines().get(i)) {
        text.append('/').append(option.name().shortName());
        for (String argument : option.arguments()) {
          text.append(separator).append(safe(argument));
        }
      }
    }
    return text.append('/').append(source).toString();
  }

  /**
   * Arguments of presets may have been read with another separator; only free text can have this one in it.
   */
  private String safe(String argument) {
    if (!argument.contains(separator)) {
      return argument;
    }
    StringBuilder encoded = new StringBuilder(argument.length() + 8);
    for (int i = 0; i < argument.length(); i++) {
      char c = argument.charAt(i);
      encoded.append(separator.indexOf(c) < 0 ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return encoded.toString();
  }
}

package io.gatehouse.core.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a client says of itself, reduced to what makes a difference to the picture, so that caches keep few
 * variants and a client cannot ask for many: of {@code Accept}, which of avif, webp and jxl are named; of dpr
 * and width, the next step of a ladder. imgproxy gets these instead of what was sent. Immutable.
 *
 * @param formats those of {@link #NEGOTIATED} that the client names, in that order
 * @param dpr a step of the ladder; 0: none was sent
 * @param width a step of the ladder, in device pixels; 0: none was sent
 */
public record ImageHints(List<ImageFormat> formats, double dpr, int width) {

  /** The formats that imgproxy chooses by {@code Accept}. */
  public static final List<ImageFormat> NEGOTIATED = List.of(ImageFormat.AVIF, ImageFormat.WEBP, ImageFormat.JXL);

  /** A client of which nothing is known. */
  public static final ImageHints NONE = new ImageHints(List.of(), 0, 0);

  /** What imgproxy takes of dpr at most (its {@code maxClientHintDPR}): {@value}. */
  public static final double MOST_DPR = 8;

  /** The steps that are usual: 1, 1.5, 2, 3, 4; and 320 to 4096 pixels. */
  public static final Ladder LADDER = new Ladder(
      List.of(1.0, 1.5, 2.0, 3.0, 4.0), List.of(320, 480, 640, 800, 960, 1280, 1600, 1920, 2560, 3200, 4096));

  public ImageHints {
    formats = List.copyOf(formats);
  }

  /**
   * The steps that hints are rounded up to.
   *
   * @param dprs ascending; at least one, each above 0 and at most {@value #MOST_DPR}
   * @param widths ascending, in device pixels; at least one, each 1 or more
   */
  public record Ladder(List<Double> dprs, List<Integer> widths) {

    public Ladder {
      dprs = List.copyOf(dprs);
      widths = List.copyOf(widths);
      boolean good = !dprs.isEmpty() && !widths.isEmpty() && dprs.get(0) > 0
          && dprs.get(dprs.size() - 1) <= MOST_DPR && widths.get(0) > 0;
      for (int i = 1; i < dprs.size(); i++) {
        good &= dprs.get(i) > dprs.get(i - 1);
      }
      for (int i = 1; i < widths.size(); i++) {
        good &= widths.get(i) > widths.get(i - 1);
      }
      if (!good) {
        throw new IllegalArgumentException(
            "ladder: " + dprs + ", " + widths + " (expected: ascending steps, dpr above 0 and up to 8, widths from 1)");
      }
    }
  }

  /**
   * Reduces what was sent.
   *
   * @param accept the values of the field {@code Accept}
   * @param dpr values of {@code Sec-CH-DPR}, then of {@code DPR}; the first that is one counts, as it does for imgproxy
   * @param width values of {@code Sec-CH-Width}, then of {@code Width}, likewise
   * @param offered which formats may be chosen; others are as if the client had not named them
   */
  public static ImageHints of(List<String> accept, List<String> dpr, List<String> width,
      Set<ImageFormat> offered, Ladder ladder) {
    return new ImageHints(
        formats(String.join(",", accept), offered),
        dpr.stream().mapToDouble(field -> dpr(field, ladder)).filter(step -> step > 0).findFirst().orElse(0),
        width.stream().mapToInt(field -> width(field, ladder)).filter(step -> step > 0).findFirst().orElse(0));
  }

  /**
   * The same with no larger steps than these; where not even the first is small enough, without.
   *
   * @param mostDpr more than 0
   * @param mostWidth in device pixels
   */
  public ImageHints within(double mostDpr, int mostWidth, Ladder ladder) {
    double within = dpr == 0 ? 0
        : ladder.dprs.stream().mapToDouble(step -> step).filter(step -> step <= Math.min(dpr, mostDpr)).max().orElse(0);
    return new ImageHints(formats, within,
        ladder.widths.stream().mapToInt(step -> step).filter(step -> step <= Math.min(width, mostWidth)).max().orElse(0));
  }

  /** The same with the next smaller dpr, or from the smallest on without dpr and width; empty: there are none left. */
  public Optional<ImageHints> smaller(Ladder ladder) {
    if (dpr == 0 && width == 0) {
      return Optional.empty();
    }
    return Optional.of(ladder.dprs.stream().filter(step -> step < dpr).max(Double::compare)
        .map(step -> new ImageHints(formats, step, width)).orElse(new ImageHints(formats, 0, 0)));
  }

  /**
   * Which formats an {@code Accept} names, with a quality above 0 (RFC 9110, 12.5.1). {@code *}{@code /*} and
   * {@code image/*} name none: clients send them that can read neither avif nor jxl.
   */
  public static List<ImageFormat> formats(String accept, Set<ImageFormat> offered) {
    List<ImageFormat> named = new ArrayList<>(NEGOTIATED.size());
    String[] ranges = accept.toLowerCase(Locale.ROOT).split(",");
    for (ImageFormat format : NEGOTIATED) {
      if (offered.contains(format) && names(ranges, "image/" + format.extension())) {
        named.add(format);
      }
    }
    return named;
  }

  private static boolean names(String[] ranges, String type) {
    for (String range : ranges) {
      String[] parts = range.split(";");
      if (parts[0].strip().equals(type) && wanted(parts)) {
        return true;
      }
    }
    return false;
  }

  private static boolean wanted(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i].strip();
      if (part.startsWith("q=")) {
        return Word.NUMBER.accepts(part.substring(2)) && Double.parseDouble(part.substring(2)) > 0;
      }
    }
    return true;
  }

  private static double dpr(String field, Ladder ladder) {
    String sent = field.strip();
    if (!Word.POSITIVE.accepts(sent) || Double.parseDouble(sent) > MOST_DPR) {
      return 0;
    }
    double asked = Double.parseDouble(sent);
    return ladder.dprs.stream().filter(step -> step >= asked).findFirst()
        .orElse(ladder.dprs.get(ladder.dprs.size() - 1));
  }

  private static int width(String field, Ladder ladder) {
    String sent = field.strip();
    if (!Word.POSITIVE_WHOLE.accepts(sent)) {
      return 0;
    }
    int asked = Integer.parseInt(sent);
    return ladder.widths.stream().filter(step -> step >= asked).findFirst()
        .orElse(ladder.widths.get(ladder.widths.size() - 1));
  }

  /** The {@code Accept} to forward; empty: none is to be sent. */
  public String accept() {
    StringBuilder accept = new StringBuilder();
    for (ImageFormat format : formats) {
      accept.append(accept.isEmpty() ? "" : ",").append("image/").append(format.extension());
    }
    return accept.toString();
  }

  /** The dpr to forward; empty: none is to be sent. */
  public String dprField() {
    return dpr == 0 ? "" : dpr == Math.rint(dpr) ? String.valueOf((long) dpr) : String.valueOf(dpr);
  }

  /** The width to forward; empty: none is to be sent. */
  public String widthField() {
    return width == 0 ? "" : String.valueOf(width);
  }

  double dprOr1() {
    return dpr == 0 ? 1 : dpr;
  }

  /** What imgproxy takes for the width until options say otherwise: the hint is in device pixels. */
  long widthBeforeDpr() {
    return (long) Math.ceil(width / dprOr1());
  }
}

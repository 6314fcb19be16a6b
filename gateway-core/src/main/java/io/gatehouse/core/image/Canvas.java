package io.gatehouse.core.image;

/**
 * How large the result of one pipeline can become, from its options in their order. Follows {@code calcScale}
 * and {@code calcSizes} of imgproxy's {@code processing}: whatever the way of resizing, the result is cut to
 * width and height times zoom and dpr where they are given, and padding comes on top; where one is not given,
 * the picture's own proportions decide. Bounds, not predictions. Used by one thread.
 */
final class Canvas {

  /** A side of which the options do not say how long it can become. */
  static final long UNKNOWN = -1;

  private static final long ENDLESS = Integer.MAX_VALUE;

  private String type = "fit";
  private long width;
  private long height;
  private long minWidth;
  private long minHeight;
  private double zoomX = 1;
  private double zoomY = 1;
  private double dpr;
  private boolean enlarge;
  private boolean extend;
  private boolean extendRatio;
  private long top;
  private long right;
  private long bottom;
  private long left;
  private double cropWidth;
  private double cropHeight;
  private boolean cropCorrected;
  private long mostOfResult;
  private long baseWidth;
  private long baseHeight;

  /**
   * A pipeline before its options.
   *
   * @param dpr of the client's hints; 1 without
   * @param width of the client's hints, divided by dpr; 0 without
   * @param baseWidth what comes in, or {@link #UNKNOWN}
   * @param baseHeight what comes in, or {@link #UNKNOWN}
   */
  Canvas(double dpr, long width, long baseWidth, long baseHeight) {
    this.dpr = dpr;
    this.width = width;
    this.baseWidth = baseWidth;
    this.baseHeight = baseHeight;
  }

  void apply(ImageOption option) {
    switch (option.name()) {
      case RESIZE -> {
        type = option.argument(0).isEmpty() ? type : option.argument(0);
        size(option, 1);
      }
      case SIZE -> size(option, 0);
      case RESIZING_TYPE -> type = option.argument(0);
      case WIDTH -> width = whole(option, 0, width);
      case HEIGHT -> height = whole(option, 0, height);
      case MIN_WIDTH -> minWidth = whole(option, 0, minWidth);
      case MIN_HEIGHT -> minHeight = whole(option, 0, minHeight);
      case ZOOM -> {
        zoomX = Double.parseDouble(option.argument(0));
        zoomY = option.arguments().size() > 1 ? Double.parseDouble(option.argument(1)) : zoomX;
      }
      case DPR -> dpr = Double.parseDouble(option.argument(0));
      case ENLARGE -> enlarge = option.says(0);
      case EXTEND -> extend = option.says(0);
      case EXTEND_ASPECT_RATIO -> extendRatio = option.says(0);
      case PADDING -> {
        top = whole(option, 0, top);
        right = whole(option, 1, top);
        bottom = whole(option, 2, top);
        left = whole(option, 3, right);
      }
      case CROP -> {
        cropWidth = Double.parseDouble(option.argument(0));
        cropHeight = option.arguments().size() > 1 ? Double.parseDouble(option.argument(1)) : cropHeight;
      }
      case CROP_ASPECT_RATIO -> cropCorrected = Double.parseDouble(option.argument(0)) > 0;
      case MAX_RESULT_DIMENSION -> mostOfResult = whole(option, 0, mostOfResult);
      case VIDEO_THUMBNAIL_TILE -> {
        baseWidth = known(whole(option, 1, 0) * whole(option, 3, 0));
        baseHeight = known(whole(option, 2, 0) * whole(option, 4, 0));
      }
      case VIDEO_THUMBNAIL_ANIMATION -> {
        baseWidth = known(whole(option, 3, 0));
        baseHeight = known(whole(option, 4, 0));
      }
      default -> { }
    }
  }

  private void size(ImageOption option, int from) {
    width = whole(option, from, width);
    height = whole(option, from + 1, height);
    enlarge = option.argument(from + 2).isEmpty() ? enlarge : option.says(from + 2);
    extend = option.argument(from + 3).isEmpty() ? extend : option.says(from + 3);
  }

  private static long whole(ImageOption option, int place, long otherwise) {
    String argument = option.argument(place);
    return argument.isEmpty() ? otherwise : Long.parseLong(argument);
  }

  private static long known(long pixels) {
    return pixels > 0 ? up(pixels) : UNKNOWN;
  }

  /** The most pixels across, padding included, or {@link #UNKNOWN}. */
  long resultWidth() {
    return result(width, height, zoomX, minWidth, source(cropWidth, baseWidth), paddingX());
  }

  /** The most pixels down, padding included, or {@link #UNKNOWN}. */
  long resultHeight() {
    return result(height, width, zoomY, minHeight, source(cropHeight, baseHeight), paddingY());
  }

  private long result(long side, long other, double zoom, long least, long source, long padding) {
    boolean ofSource = side == 0 && other == 0 && minWidth == 0 && minHeight == 0;
    long from = ofSource ? source : known(side);
    if (from == UNKNOWN) {
      return mostOfResult > 0 ? mostOfResult : UNKNOWN;
    }
    return Math.max(up(from * zoom * dpr), up(least * dpr)) + padding;
  }

  private long source(double crop, long base) {
    boolean absolute = crop >= 1 && !cropCorrected;
    return !absolute ? base : base == UNKNOWN ? up(crop) : Math.min(base, up(crop));
  }

  long paddingX() {
    return even(left) + even(right);
  }

  long paddingY() {
    return even(top) + even(bottom);
  }

  /** Padding is scaled to even numbers. */
  private long even(long padding) {
    return 2 * up(padding * dpr / 2);
  }

  /** Never so large that sums and products of two could overflow. */
  private static long up(double pixels) {
    return (long) Math.min(Math.ceil(pixels - 1e-6), ENDLESS);
  }

  /**
   * Whether a side that is not known can become longer than the source's. Without {@code enlarge}, zoom and
   * dpr do not enlarge (a vector picture is enlarged, up to imgproxy's largest source); the least width and
   * height do.
   */
  boolean grows() {
    boolean scaled = width > 0 || height > 0 || zoomX > 1 || zoomY > 1 || dpr > 1;
    return enlarge && scaled || minWidth > 0 || minHeight > 0;
  }

  /**
   * Whether the side that is not given can be given its largest value and nothing else be changed by it: the
   * picture has to fit into a box anyway, of which that side was left open.
   */
  boolean openBox() {
    return type.equals("fit") && !extend && !extendRatio && (width > 0) != (height > 0);
  }

  boolean widthGiven() {
    return width > 0;
  }

  /** The width to ask for so that the result is no wider; less than 1 if there is none. */
  long widthWithin(long most) {
    return (long) Math.min(Math.floor((most - paddingX()) / (zoomX * dpr)), ENDLESS);
  }

  /** The height to ask for so that the result is no higher; less than 1 if there is none. */
  long heightWithin(long most) {
    return (long) Math.min(Math.floor((most - paddingY()) / (zoomY * dpr)), ENDLESS);
  }
}

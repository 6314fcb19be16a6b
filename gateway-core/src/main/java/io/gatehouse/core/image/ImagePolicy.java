package io.gatehouse.core.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a tenant may ask of imgproxy. Immutable; made once from a plan and a tenant, asked for every picture.
 *
 * <p>Presets and imposed options are the operator's, who answers for them: they may use guarded options. The
 * size of the result is limited whoever has written it.
 *
 * @param sources where pictures may come from; none: nowhere
 * @param encrypted whether sources may be encrypted, which only imgproxy can read: they are not compared with
 *     anything
 * @param presets by name, what {@code preset} stands for; those that use others are written out, so that none
 *     does any more
 * @param writing whether options may be written besides presets
 * @param limits how large and how costly
 * @param formats that may be asked for as the result; a path that asks for none is not concerned. Without SVG no source may be
 *     named as SVG either
 * @param granted guarded options that may be written all the same
 * @param refused other options that may not be written
 * @param imposed put after the options of every pipeline, so that they hold whatever was written:
 *     {@code msr:50/maf:1}, which take imgproxy's {@code IMGPROXY_ALLOW_SECURITY_OPTIONS}, or
 *     {@code sm:1/wm:0.5}; one pipeline without presets
 */
public record ImagePolicy(
    List<AllowedSource> sources,
    Encrypted encrypted,
    Map<String, ImageOptions> presets,
    Writing writing,
    ImageLimits limits,
    Set<ImageFormat> formats,
    Set<ImageOptionName> granted,
    Set<ImageOptionName> refused,
    ImageOptions imposed) {

  /** Whether sources that only imgproxy can read are forwarded. */
  public enum Encrypted { REFUSED, FORWARDED }

  /** What tenants may write into paths. */
  public enum Writing { OPTIONS_AND_PRESETS, PRESETS_ONLY }

  /**
   * Options that may be written only where they are granted. They read other sources or bypass imgproxy's
   * checks (raw, watermark_url, fallback_image_url, skip_processing, the limits of sources), defeat caches
   * (cachebuster), say what browsers do with the answer (filename, return_attachment), put foreign text into
   * it (style, watermark_text), or take much more work than others: trim loads the picture whole; autoquality
   * and max_bytes save it several times; looking for objects, which {@code gravity:obj} does as well and
   * objects_position grants; films.
   */
  public static final Set<ImageOptionName> GUARDED = Set.copyOf(EnumSet.of(
      ImageOptionName.RAW,
      ImageOptionName.WATERMARK_URL,
      ImageOptionName.FALLBACK_IMAGE_URL,
      ImageOptionName.SKIP_PROCESSING,
      ImageOptionName.MAX_SRC_RESOLUTION,
      ImageOptionName.MAX_SRC_FILE_SIZE,
      ImageOptionName.MAX_ANIMATION_FRAMES,
      ImageOptionName.MAX_ANIMATION_FRAME_RESOLUTION,
      ImageOptionName.MAX_RESULT_DIMENSION,
      ImageOptionName.CACHEBUSTER,
      ImageOptionName.FILENAME,
      ImageOptionName.RETURN_ATTACHMENT,
      ImageOptionName.STYLE,
      ImageOptionName.WATERMARK_TEXT,
      ImageOptionName.TRIM,
      ImageOptionName.AUTOQUALITY,
      ImageOptionName.MAX_BYTES,
      ImageOptionName.OBJECTS_POSITION,
      ImageOptionName.BLUR_DETECTIONS,
      ImageOptionName.DRAW_DETECTIONS,
      ImageOptionName.VIDEO_THUMBNAIL_TILE,
      ImageOptionName.VIDEO_THUMBNAIL_ANIMATION));

  /** How deep presets may use presets: {@value}. */
  public static final int DEEPEST = 8;

  /** How many options a path may have when its presets are written out: {@value}. */
  public static final int MOST_OPTIONS = 256;

  public ImagePolicy {
    sources = List.copyOf(sources);
    presets = writtenOut(presets);
    formats = Set.copyOf(formats);
    granted = Set.copyOf(granted);
    refused = Set.copyOf(refused);
    if (imposed.pipelines().size() > 1 || uses(imposed)) {
      throw new IllegalArgumentException("imposed: " + imposed + " (expected: one pipeline without presets)");
    }
  }

  /** Nothing is allowed from anywhere, until sources are given; otherwise the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The same with what differs. */
  public Builder with() {
    Builder builder = new Builder();
    builder.sources = sources;
    builder.encrypted = encrypted;
    builder.presets = presets;
    builder.writing = writing;
    builder.limits = limits;
    builder.formats = formats;
    builder.granted = granted;
    builder.refused = refused;
    builder.imposed = imposed;
    return builder;
  }

  /** Whether an option may be written. */
  boolean allows(ImageOptionName option) {
    return !refused.contains(option) && (!GUARDED.contains(option) || granted.contains(option));
  }

  private static Map<String, ImageOptions> writtenOut(Map<String, ImageOptions> presets) {
    Map<String, Written> written = new HashMap<>();
    for (String name : presets.keySet()) {
      if (!Word.NAME.accepts(name)) {
        throw new IllegalArgumentException("presets: " + name + " (expected: " + Word.NAME.expected() + ")");
      }
      writtenOut(name, presets, written, 1);
    }
    Map<String, ImageOptions> options = new HashMap<>();
    written.forEach((name, preset) -> options.put(name, preset.options));
    return Map.copyOf(options);
  }

  /** A preset that uses none, and how deep those went that it did use. */
  private record Written(ImageOptions options, int depth) {}

  private static Written writtenOut(
      String name, Map<String, ImageOptions> presets, Map<String, Written> written, int above) {
    Written known = written.get(name);
    if (known == null && above <= DEEPEST) {
      ImageOptions options = presets.get(name);
      known = uses(options) ? chained(name, options, presets, written, above) : new Written(options, 1);
      written.put(name, known);
    }
    if (known == null || known.depth > DEEPEST) {
      throw new IllegalArgumentException(
          "presets: " + name + " uses presets that use presets (expected: at most " + DEEPEST + " deep)");
    }
    return known;
  }

  private static Written chained(
      String name, ImageOptions options, Map<String, ImageOptions> presets, Map<String, Written> written, int above) {
    Chain chain = new Chain();
    int depth = 1;
    for (int i = 0; i < options.pipelines().size(); i++) {
      chain.reach(i);
      for (ImageOption option : options.pipelines().get(i)) {
        if (option.name() != ImageOptionName.PRESET) {
          chain.add(i, option);
          continue;
        }
        for (String used : option.arguments()) {
          if (!presets.containsKey(used)) {
            throw new IllegalArgumentException("presets: " + name + " uses " + used + " (expected: one that is there)");
          }
          Written preset = writtenOut(used, presets, written, above + 1);
          chain.add(i, preset.options);
          depth = Math.max(depth, preset.depth + 1);
        }
      }
    }
    if (chain.size() > MOST_OPTIONS) {
      throw new IllegalArgumentException(
          "presets: " + name + " is longer than " + MOST_OPTIONS + " options (expected: fewer)");
    }
    return new Written(new ImageOptions(chain.pipelines(), options.separator()), depth);
  }

  private static boolean uses(ImageOptions options) {
    return options.all().stream().anyMatch(option -> option.name() == ImageOptionName.PRESET);
  }

  /**
   * Pipelines in the making. A preset is put where it is used; pipelines that it chains go on into those that
   * follow, before what they have of their own (docs.imgproxy.net, Chained pipelines).
   */
  static final class Chain {

    private final List<List<ImageOption>> pipelines = new ArrayList<>(1);
    private int size;

    void add(int pipeline, ImageOption option) {
      reach(pipeline);
      pipelines.get(pipeline).add(option);
      size++;
    }

    void add(int pipeline, ImageOptions preset) {
      for (int i = 0; i < preset.pipelines().size(); i++) {
        reach(pipeline + i);
        List<ImageOption> more = preset.pipelines().get(i);
        pipelines.get(pipeline + i).addAll(more);
        size += more.size();
      }
    }

    void reach(int pipeline) {
      while (pipelines.size() <= pipeline) {
        pipelines.add(new ArrayList<>(8));
      }
    }

    /** How many options there are in all. */
    int size() {
      return size;
    }

    List<List<ImageOption>> pipelines() {
      return pipelines;
    }
  }

  /** Collects what a policy is made of. Used by one thread. */
  public static final class Builder {

    private List<AllowedSource> sources = List.of();
    private Encrypted encrypted = Encrypted.REFUSED;
    private Map<String, ImageOptions> presets = Map.of();
    private Writing writing = Writing.OPTIONS_AND_PRESETS;
    private ImageLimits limits = ImageLimits.DEFAULT;
    private Set<ImageFormat> formats = Set.of(ImageFormat.values());
    private Set<ImageOptionName> granted = Set.of();
    private Set<ImageOptionName> refused = Set.of();
    private ImageOptions imposed = ImageOptions.NONE;

    private Builder() {}

    /** None unless given. */
    public Builder sources(List<AllowedSource> allowed) {
      this.sources = allowed;
      return this;
    }

    /** None unless given. */
    public Builder sources(String... allowed) {
      this.sources = Arrays.stream(allowed).map(AllowedSource::parse).toList();
      return this;
    }

    /** Refused unless given. */
    public Builder encrypted(Encrypted sources) {
      this.encrypted = sources;
      return this;
    }

    /** None unless given. */
    public Builder presets(Map<String, ImageOptions> byName) {
      this.presets = byName;
      return this;
    }

    /** Options and presets unless given. */
    public Builder writing(Writing allowed) {
      this.writing = allowed;
      return this;
    }

    /** {@link ImageLimits#DEFAULT} unless given. */
    public Builder limits(ImageLimits most) {
      this.limits = most;
      return this;
    }

    /** All unless given. */
    public Builder formats(Set<ImageFormat> allowed) {
      this.formats = allowed;
      return this;
    }

    /** None of {@link #GUARDED} unless given. */
    public Builder granted(Set<ImageOptionName> options) {
      this.granted = options;
      return this;
    }

    /** None unless given. */
    public Builder refused(Set<ImageOptionName> options) {
      this.refused = options;
      return this;
    }

    /** None unless given. */
    public Builder imposed(ImageOptions always) {
      this.imposed = always;
      return this;
    }

    /** The policy; throws IllegalArgumentException where something does not fit together. */
    public ImagePolicy build() {
      return new ImagePolicy(
          sources, encrypted, presets, writing, limits, formats, granted, refused, imposed);
    }
  }
}

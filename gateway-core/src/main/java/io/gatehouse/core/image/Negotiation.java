package io.gatehouse.core.image;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What imgproxy chooses by besides the path, as it has been told, and which fields of requests it gets for that: each client
 * could otherwise have its own spelling of the same wish made, kept and paid for, because no signature covers fields.
 *
 * <p>Of {@code Accept} it gets the formats that are left, in one order. It reads {@code DPR} and {@code Width} in all its
 * versions, and so gets what was sent as {@code Sec-CH-DPR} or {@code Sec-CH-Width} under these names. What an imgproxy reads
 * that is older, {@code Viewport-Width}, it never gets.
 *
 * <p>Immutable.
 *
 * @param accept what imgproxy gets of {@code Accept}
 * @param automatic the formats that imgproxy chooses by {@code Accept}, {@code IMGPROXY_AUTO_WEBP} and the like
 * @param hints whether imgproxy heeds hints, {@code IMGPROXY_ENABLE_CLIENT_HINTS}; it does not get them otherwise
 */
public record Negotiation(Accept accept, Set<ImageFormat> automatic, Hints hints) {

  /** What imgproxy gets of {@code Accept}. */
  public enum Accept {
    /** What makes a difference to it. */
    NORMALIZED,
    /** All that was sent. */
    AS_SENT
  }

  /** What imgproxy makes of {@code DPR} and {@code Width}. */
  public enum Hints { HEEDED, IGNORED }

  /** All formats that imgproxy can choose, and no hints. */
  public static final Negotiation DEFAULT =
      new Negotiation(Accept.NORMALIZED, Set.copyOf(ImageHints.NEGOTIATED), Hints.IGNORED);

  public Negotiation {
    automatic = Set.copyOf(automatic);
  }

  /**
   * What a client says of itself, no larger than a policy allows it to be said, and in formats that it allows.
   *
   * @param sent all values of a field of the request, by its name
   */
  ImageHints asked(Function<String, List<String>> sent, ImagePolicy policy) {
    Set<ImageFormat> offered = EnumSet.noneOf(ImageFormat.class);
    offered.addAll(automatic);
    offered.retainAll(policy.formats());
    boolean heeded = hints == Hints.HEEDED;
    return ImageHints.of(
            sent.apply("Accept"),
            heeded ? both(sent, "Sec-CH-DPR", "DPR") : List.of(),
            heeded ? both(sent, "Sec-CH-Width", "Width") : List.of(),
            offered, ImageHints.LADDER)
        .within(policy.limits().dpr(), policy.limits().width(), ImageHints.LADDER);
  }

  private static List<String> both(Function<String, List<String>> sent, String first, String second) {
    List<String> values = new ArrayList<>(sent.apply(first));
    values.addAll(sent.apply(second));
    return values;
  }

  /** What imgproxy gets in place of fields of the client; empty: no such field. */
  Map<String, String> fields(ImageHints said) {
    Map<String, String> fields = new HashMap<>();
    if (accept == Accept.NORMALIZED) {
      fields.put("Accept", said.accept());
    }
    fields.put("DPR", said.dprField());
    fields.put("Width", said.widthField());
    for (String other : List.of("Sec-CH-DPR", "Sec-CH-Width", "Viewport-Width", "Sec-CH-Viewport-Width")) {
      fields.put(other, "");
    }
    return fields;
  }
}

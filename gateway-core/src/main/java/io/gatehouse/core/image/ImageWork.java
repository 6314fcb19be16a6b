package io.gatehouse.core.image;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * What imgproxy says it did, in the fields that it sends with {@code IMGPROXY_ENABLE_DEBUG_HEADERS}; they are
 * for the gateway and are taken out of the answer. Immutable.
 *
 * @param originBytes how long the source was
 * @param originPixels how many pixels the source had; of animations, one frame
 * @param resultPixels how many the result has
 */
public record ImageWork(OptionalLong originBytes, OptionalLong originPixels, OptionalLong resultPixels) {

  private static final String ORIGIN_LENGTH = "X-Origin-Content-Length";
  private static final String ORIGIN_WIDTH = "X-Origin-Width";
  private static final String ORIGIN_HEIGHT = "X-Origin-Height";
  private static final String RESULT_WIDTH = "X-Result-Width";
  private static final String RESULT_HEIGHT = "X-Result-Height";

  /** The names of the fields, as imgproxy writes them. */
  public static final Set<String> FIELDS =
      Set.of(ORIGIN_LENGTH, ORIGIN_WIDTH, ORIGIN_HEIGHT, RESULT_WIDTH, RESULT_HEIGHT);

  /** PNG, which has the longest sides of all formats, ends there. */
  private static final long LONGEST = Integer.MAX_VALUE;

  /**
   * Reads an answer.
   *
   * @param field the first value of a field by its name
   */
  public static ImageWork of(Function<String, Optional<String>> field) {
    return new ImageWork(
        number(field.apply(ORIGIN_LENGTH), Long.MAX_VALUE),
        pixels(field.apply(ORIGIN_WIDTH), field.apply(ORIGIN_HEIGHT)),
        pixels(field.apply(RESULT_WIDTH), field.apply(RESULT_HEIGHT)));
  }

  /** Reads an answer of which the fields are in a map, by the names of {@link #FIELDS}. */
  public static ImageWork of(Map<String, String> fields) {
    return of(name -> Optional.ofNullable(fields.get(name)));
  }

  private static OptionalLong pixels(Optional<String> width, Optional<String> height) {
    OptionalLong across = number(width, LONGEST);
    OptionalLong down = number(height, LONGEST);
    boolean both = across.isPresent() && down.isPresent();
    return both ? OptionalLong.of(across.getAsLong() * down.getAsLong()) : OptionalLong.empty();
  }

  private static OptionalLong number(Optional<String> field, long most) {
    String text = field.orElse("").strip();
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    long number = Long.parseLong(text);
    return number <= most ? OptionalLong.of(number) : OptionalLong.empty();
  }
}

package io.gatehouse.core.image;

import java.util.List;

/**
 * One processing option, as it was written.
 *
 * @param written the name as it was written, long or short
 * @param name what it means
 * @param arguments as they were written, still percent-encoded; empty ones leave a value as it is. At least
 *     one
 */
public record ImageOption(String written, ImageOptionName name, List<String> arguments) {

  public ImageOption {
    if (!name.names().contains(written)) {
      throw new IllegalArgumentException("written: " + written + " (expected: one of " + name.names() + ")");
    }
    arguments = List.copyOf(arguments);
    Grammar.Fault fault = arguments.isEmpty() ? new Grammar.Fault(0, "an argument") : name.fault(arguments);
    if (fault != null) {
      throw new IllegalArgumentException(
          name.longName() + ": " + arguments + " (expected: as argument " + (fault.argument() + 1) + ", "
              + fault.expected() + ")");
    }
  }

  /** An option with its short name. */
  public static ImageOption of(ImageOptionName name, String... arguments) {
    return new ImageOption(name.shortName(), name, List.of(arguments));
  }

  /** The argument of a place from 0; empty if it is not there. */
  String argument(int place) {
    return place < arguments.size() ? arguments.get(place) : "";
  }

  /** Whether the boolean of a place says yes; no if it is not there. */
  boolean says(int place) {
    return Word.yes(argument(place));
  }

  void print(StringBuilder text, String separator) {
    text.append(written);
    for (String argument : arguments) {
      text.append(separator).append(argument);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    print(text, ImageOptions.SEPARATOR);
    return text.toString();
  }
}

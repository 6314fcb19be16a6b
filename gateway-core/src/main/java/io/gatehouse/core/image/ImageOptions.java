package io.gatehouse.core.image;

import java.util.ArrayList;
import java.util.List;

/**
 * The options of a path in their order, which matters: of two that say the same, the later one holds. Pro has
 * chains of pipelines, each beginning with a segment {@value #CHAIN}; there is at least one pipeline, and the
 * only one may be empty. Immutable; prints as it was read, byte for byte.
 *
 * @param pipelines each the options of one pipeline, in order
 * @param separator between name and arguments; imgproxy's {@code IMGPROXY_ARGUMENTS_SEPARATOR}
 */
public record ImageOptions(List<List<ImageOption>> pipelines, String separator) {

  /** What imgproxy separates by unless told otherwise: {@value}. */
  public static final String SEPARATOR = ":";

  /** The segment that begins another pipeline: {@value}. */
  public static final String CHAIN = "-";

  /** No options at all. */
  public static final ImageOptions NONE = new ImageOptions(List.of(List.of()), SEPARATOR);

  public ImageOptions {
    if (pipelines.isEmpty()) {
      throw new IllegalArgumentException("pipelines: none (expected: at least one)");
    }
    checkSeparator(separator);
    pipelines = pipelines.stream().map(List::copyOf).toList();
  }

  /**
   * Options as they stand in a path or a preset, such as {@code rs:fill:300:200/q:80}; nothing is no options.
   */
  public static ImageOptions parse(String text) {
    return parse(text, SEPARATOR);
  }

  /**
   * Options as they stand in a path or a preset.
   *
   * @throws ImageSyntaxException something is not an option, with its position in the text
   */
  public static ImageOptions parse(String text, String separator) {
    Reader reader = new Reader(text, 0, separator);
    ImageOptions options = reader.read();
    if (reader.position() <= text.length()) {
      throw new ImageSyntaxException(reader.position(), "options", text.substring(reader.position()),
          "an option with its arguments, such as width" + separator + "300");
    }
    return options;
  }

  /** All options of all pipelines, in order. */
  public List<ImageOption> all() {
    return pipelines.size() == 1 ? pipelines.get(0) : pipelines.stream().flatMap(List::stream).toList();
  }

  /** As it stands in a path, without slashes at its ends. */
  public String print() {
    StringBuilder text = new StringBuilder();
    print(text);
    return text.toString();
  }

  void print(StringBuilder text) {
    int start = text.length();
    for (int i = 0; i < pipelines.size(); i++) {
      if (i > 0) {
        text.append(text.length() > start ? "/" : "").append(CHAIN);
      }
      for (ImageOption option : pipelines.get(i)) {
        if (text.length() > start) {
          text.append('/');
        }
        option.print(text, separator);
      }
    }
  }

  @Override
  public String toString() {
    return print();
  }

  static void checkSeparator(String separator) {
    boolean good = !separator.isEmpty() && separator.length() <= 8;
    for (int i = 0; good && i < separator.length(); i++) {
      char c = separator.charAt(i);
      // What names, numbers, Base64 and percent-encoding are made of would be torn apart.
      good = c > ' ' && c < 0x7f && !Word.letterOrDigit(c) && "/?#%-_.=@".indexOf(c) < 0;
    }
    if (!good) {
      throw new IllegalArgumentException(
          "separator: " + separator + " (expected: 1 to 8 characters that stand in no name or number, such as :)");
    }
  }

  /** Reads options from a place in a path until a segment is none. Used by one thread. */
  static final class Reader {

    private final String text;
    private final String separator;
    private int position;

    Reader(String text, int position, String separator) {
      checkSeparator(separator);
      this.text = text;
      this.position = position;
      this.separator = separator;
    }

    /** Where the first segment begins that is no option; beyond the end of the text if there is none. */
    int position() {
      return position;
    }

    ImageOptions read() {
      List<List<ImageOption>> pipelines = new ArrayList<>(1);
      List<ImageOption> pipeline = new ArrayList<>(4);
      while (position < text.length()) {
        int end = text.indexOf('/', position);
        end = end < 0 ? text.length() : end;
        if (end == position + 1 && text.startsWith(CHAIN, position)) {
          pipelines.add(pipeline);
          pipeline = new ArrayList<>(4);
        } else {
          int named = text.indexOf(separator, position);
          if (named < 0 || named >= end) {
            break;
          }
          pipeline.add(option(named, end));
        }
        position = end + 1;
      }
      if (text.isEmpty()) {
        position = 1;
      }
      pipelines.add(pipeline);
      return new ImageOptions(pipelines, separator);
    }

    private ImageOption option(int named, int end) {
      String written = text.substring(position, named);
      ImageOptionName name = ImageOptionName.named(written).orElseThrow(() -> new ImageSyntaxException(
          position, "options", written, "the name of a processing option of imgproxy"));
      List<String> arguments = new ArrayList<>(4);
      int from = named + separator.length();
      while (true) {
        int next = text.indexOf(separator, from);
        if (next < 0 || next >= end) {
          arguments.add(text.substring(from, end));
          break;
        }
        arguments.add(text.substring(from, next));
        from = next + separator.length();
      }
      Grammar.Fault fault = name.fault(arguments);
      if (fault != null) {
        throw new ImageSyntaxException(positionOf(fault.argument(), named, end, arguments), name.longName(),
            fault.argument() < arguments.size() ? arguments.get(fault.argument()) : "",
            "as argument " + (fault.argument() + 1) + ", " + fault.expected());
      }
      return new ImageOption(written, name, arguments);
    }

    private int positionOf(int argument, int named, int end, List<String> arguments) {
      int at = named;
      for (int i = 0; i < argument && i < arguments.size(); i++) {
        at += separator.length() + arguments.get(i).length();
      }
      return Math.min(at + separator.length(), end);
    }
  }
}

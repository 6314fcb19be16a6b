package io.gatehouse.core.image;

/**
 * A path of imgproxy: {@code /signature/options…/source}. Immutable; {@link #print} gives what was read, byte
 * for byte.
 *
 * <p>What is not understood is refused: options that imgproxy does not have, arguments it would not take or
 * would take with a warning, several extensions, empty segments, characters that do not belong into a path.
 * So whoever judges the tree has judged all of it.
 *
 * @param signature as it was written, or {@code unsafe} and the like; empty: the path has none
 * @param options what is to be done
 * @param source with what
 */
public record ImagePath(String signature, ImageOptions options, ImageSource source) {

  /** How long a path may be, in characters: {@value}. */
  public static final int LONGEST = 8192;

  /** As {@link #parse(String, String)} with imgproxy's own separator. */
  public static ImagePath parse(String path) {
    return parse(path, ImageOptions.SEPARATOR);
  }

  /**
   * Reads a path that begins with a signature.
   *
   * @param path as it was sent, without prefix and query, after {@link #repair}
   * @param separator between the name of an option and its arguments
   * @throws ImageSyntaxException it is not understood
   */
  public static ImagePath parse(String path, String separator) {
    check(path);
    int end = path.indexOf('/', 1);
    if (end <= 1) {
      throw new ImageSyntaxException(1, "signature", "", "a signature between slashes");
    }
    return read(path, path.substring(1, end), end + 1, separator);
  }

  /** As {@link #parseUnsigned(String, String)} with imgproxy's own separator. */
  public static ImagePath parseUnsigned(String path) {
    return parseUnsigned(path, ImageOptions.SEPARATOR);
  }

  /**
   * Reads a path that has no signature: {@code /options…/source}.
   *
   * @throws ImageSyntaxException it is not understood
   */
  public static ImagePath parseUnsigned(String path, String separator) {
    check(path);
    return read(path, "", 1, separator);
  }

  private static ImagePath read(String path, String signature, int from, String separator) {
    ImageOptions.Reader reader = new ImageOptions.Reader(path, from, separator);
    ImageOptions options = reader.read();
    if (reader.position() >= path.length()) {
      throw new ImageSyntaxException(path.length(), "source", "", "plain/ and a URL, or a URL in URL-safe Base64");
    }
    return new ImagePath(signature, options, ImageSource.parse(path, reader.position()));
  }

  private static void check(String path) {
    if (path.length() > LONGEST) {
      throw new ImageSyntaxException(LONGEST, "path", path, "at most " + LONGEST + " characters");
    }
    if (!path.startsWith("/")) {
      throw new ImageSyntaxException(0, "path", path, "a slash at the beginning");
    }
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '?' || c == '#' || c == '\\') {
        throw new ImageSyntaxException(i, "path", path.substring(i, i + 1), "a path of visible ASCII without query");
      }
    }
  }

  /**
   * Undoes what browsers and proxies do to paths, as imgproxy does before it looks at the signature:
   * {@code %3A} before the source becomes a colon, {@code plain/http:/host} gets its second slash back,
   * {@code plain/local:/} its three.
   */
  public static String repair(String path) {
    int plain = path.indexOf("/plain/");
    int end = plain < 0 ? path.length() : plain;
    String options = path.substring(0, end);
    if (options.indexOf('%') >= 0) {
      options = options.replace("%3A", ":").replace("%3a", ":");
    }
    if (plain < 0) {
      return options;
    }
    int from = plain + "/plain/".length();
    int colon = from;
    while (colon < path.length() && schemeCharacter(path.charAt(colon))) {
      colon++;
    }
    boolean broken = colon > from && path.startsWith(":/", colon) && colon + 2 < path.length()
        && path.charAt(colon + 2) != '/';
    if (!broken) {
      return end == options.length() && path.startsWith(options) ? path : options + path.substring(end);
    }
    String scheme = path.substring(from, colon);
    return options + "/plain/" + scheme + (scheme.equals("local") ? ":///" : "://") + path.substring(colon + 2);
  }

  private static boolean schemeCharacter(char c) {
    return Word.letterOrDigit(c) || c == '+' || c == '-' || c == '.';
  }

  /** The path without its signature, beginning with a slash: what imgproxy's signature is made of. */
  public String unsigned() {
    StringBuilder text = new StringBuilder(128);
    printUnsigned(text);
    return text.toString();
  }

  /** The whole path, as it was read. */
  public String print() {
    StringBuilder text = new StringBuilder(192);
    if (!signature.isEmpty()) {
      text.append('/').append(signature);
    }
    printUnsigned(text);
    return text.toString();
  }

  private void printUnsigned(StringBuilder text) {
    text.append('/');
    int start = text.length();
    options.print(text);
    if (text.length() > start) {
      text.append('/');
    }
    source.print(text);
  }

  @Override
  public String toString() {
    return print();
  }
}

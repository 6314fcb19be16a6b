package io.gatehouse.core.image;

/**
 * Where the picture comes from, as it was written.
 *
 * @param encoding how it was written
 * @param written without what marks the encoding, and without the extension: the percent-encoded URL, or
 *     Base64 that may be split by slashes
 * @param suffix {@code @png} after a plain source, {@code .png} after another one; empty if there is none.
 *     The mark alone is written without meaning anything
 * @param url what imgproxy will read from: decoded once; empty if encrypted
 */
public record ImageSource(Encoding encoding, String written, String suffix, String url) {

  /** How a source is written in a path. */
  public enum Encoding {
    /** {@code plain/http://example.com/a.jpg@png}, percent-encoded. */
    PLAIN("plain/", '@'),
    /** {@code aHR0cDovL2V4YW1wbGUuY29tL2EuanBn.png}. */
    BASE64("", '.'),
    /** {@code enc/…}: Pro, AES-CBC, which only imgproxy can read. */
    ENCRYPTED("enc/", '.');

    private final String prefix;
    private final char mark;

    Encoding(String prefix, char mark) {
      this.prefix = prefix;
      this.mark = mark;
    }
  }

  /** A source in Base64, as paths are made. */
  public static ImageSource of(String url, String extension) {
    String suffix = extension.isEmpty() ? "" : "." + extension;
    if (!extension.isEmpty() && ImageFormat.named(extension).isEmpty()) {
      throw new IllegalArgumentException("extension: " + extension + " (expected: " + ImageFormat.known() + ")");
    }
    return new ImageSource(Encoding.BASE64, Base64Url.encode(url), suffix, url);
  }

  /** The format asked for by the extension, such as {@code png}; empty if none is. */
  public String extension() {
    return suffix.isEmpty() ? "" : suffix.substring(1);
  }

  void print(StringBuilder text) {
    text.append(encoding.prefix).append(written).append(suffix);
  }

  /** As it stands in a path. */
  public String print() {
    StringBuilder text = new StringBuilder();
    print(text);
    return text.toString();
  }

  static ImageSource parse(String text, int from) {
    if (text.startsWith(Encoding.PLAIN.prefix, from)) {
      return plain(text, from + Encoding.PLAIN.prefix.length());
    }
    if (text.startsWith(Encoding.ENCRYPTED.prefix, from)) {
      return encoded(text, from + Encoding.ENCRYPTED.prefix.length(), Encoding.ENCRYPTED);
    }
    return encoded(text, from, Encoding.BASE64);
  }

  private static ImageSource plain(String text, int from) {
    int mark = text.indexOf(Encoding.PLAIN.mark, from);
    String written = text.substring(from, mark < 0 ? text.length() : mark);
    String suffix = mark < 0 ? "" : text.substring(mark);
    if (written.isEmpty()) {
      throw new ImageSyntaxException(from, "source", "", "a URL");
    }
    checkExtension(suffix, mark);
    String url = Percent.decode(written);
    if (url == null) {
      throw new ImageSyntaxException(from, "source", written, "percent-encoding of UTF-8");
    }
    return new ImageSource(Encoding.PLAIN, written, suffix, url);
  }

  private static ImageSource encoded(String text, int from, Encoding encoding) {
    int mark = text.indexOf(encoding.mark, from);
    String written = text.substring(from, mark < 0 ? text.length() : mark);
    String suffix = mark < 0 ? "" : text.substring(mark);
    checkExtension(suffix, mark);
    if (written.isEmpty() || written.startsWith("/") || written.endsWith("/") || written.contains("//")) {
      throw new ImageSyntaxException(from, "source", written, "URL-safe Base64 without empty segments");
    }
    String joined = written.replace("/", "");
    String url = Base64Url.decode(joined).orElse(null);
    if (encoding == Encoding.ENCRYPTED && Base64Url.readable(joined)) {
      url = "";
    } else if (url == null) {
      throw new ImageSyntaxException(from, "source", written,
          "plain/ and a URL, or a URL in URL-safe Base64");
    }
    return new ImageSource(encoding, written, suffix, url);
  }

  private static void checkExtension(String suffix, int at) {
    if (suffix.length() > 1 && ImageFormat.named(suffix.substring(1)).isEmpty()) {
      throw new ImageSyntaxException(at + 1, "extension", suffix.substring(1), ImageFormat.known());
    }
  }
}

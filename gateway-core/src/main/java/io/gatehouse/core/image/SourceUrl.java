package io.gatehouse.core.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A source as imgproxy will fetch it, in the one spelling that is judged and that is forwarded, so that
 * nobody further on can read another one out of it. Immutable.
 *
 * <p>What servers are known to read differently is refused and not repaired: userinfo, backslashes, control
 * characters, fragments, hosts that are not plain ASCII names or the usual spelling of an address
 * ({@code 127.1}, {@code 0x7f000001} and {@code 2130706433} are addresses to some resolvers), and dot
 * segments that show only after another round of decoding, with or without path parameters, overlong UTF-8
 * and look-alikes of dots and slashes.
 *
 * <p>http and https are normalised (RFC 3986, 6.2.2 and 6.2.3): case of scheme and host, the root's dot and
 * the default port, percent-encoding, dot segments. Stores ({@code local}, {@code s3}, {@code gs},
 * {@code abs}, {@code swift}) are taken literally, and no dot segment may be in them at all: versions of
 * imgproxy differ in whether they decode such keys, and where a query begins.
 *
 * @param scheme in lower case
 * @param host or the bucket, in lower case unless it is one; empty for local
 * @param port 1 to 65535; 0: none, as with stores
 * @param path begins with a slash
 * @param query with its question mark, or empty
 */
record SourceUrl(String scheme, String host, int port, String path, String query) {

  private static final String LOCAL = "local";
  private static final List<String> BUCKETS = List.of("s3", "gs", "abs", "swift");
  private static final int MOST_ROUNDS = 8;

  /** Characters that some servers and file systems take for a dot, and for a slash. */
  private static final String DOTS = "\uff0e\u2024\ufe52";
  private static final String SLASHES = "\\\uff0f\u2215\u2044\uff3c\u29f8";

  /**
   * Reads a source that was decoded from a path of imgproxy.
   *
   * @throws ImageSyntaxException it has no place in which it could be allowed
   */
  static SourceUrl parse(String url) {
    for (int i = 0; i < url.length(); i++) {
      char c = url.charAt(i);
      if (Character.isISOControl(c) || c == '\\') {
        throw fault(url, "no control characters and no backslashes");
      }
    }
    int colon = url.indexOf("://");
    String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
    if (scheme.equals("http") || scheme.equals("https")) {
      return web(url, scheme, colon + 3);
    }
    if (scheme.equals(LOCAL) || BUCKETS.contains(scheme)) {
      return stored(url, scheme, colon + 3);
    }
    throw fault(url, "a URL of http, https, local, s3, gs, abs or swift");
  }

  boolean web() {
    return port != 0;
  }

  /** Whether the host is a name, and no address. */
  boolean named() {
    return !host.startsWith("[") && !numeric(host.substring(host.lastIndexOf('.') + 1));
  }

  /** The whole URL, as it is forwarded. */
  String url() {
    StringBuilder url = new StringBuilder(scheme).append("://").append(host);
    if (web() && port != defaultPort(scheme)) {
      url.append(':').append(port);
    }
    return url.append(path).append(query).toString();
  }

  private static SourceUrl web(String url, String scheme, int from) {
    int end = from;
    while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
      end++;
    }
    String authority = url.substring(from, end);
    if (authority.indexOf('@') >= 0) {
      throw fault(url, "no user before the host");
    }
    if (url.indexOf('#', end) >= 0) {
      throw fault(url, "no fragment");
    }
    int bracket = authority.indexOf(']');
    int mark = authority.indexOf(':', bracket + 1);
    String host = host(url, mark < 0 ? authority : authority.substring(0, mark));
    int port = mark < 0 ? defaultPort(scheme) : port(url, authority.substring(mark + 1));
    int question = url.indexOf('?', end);
    String path = normalized(url, url.substring(end, question < 0 ? url.length() : question));
    String query = question < 0 ? "" : encoded(url.substring(question));
    return new SourceUrl(scheme, host, port, path, query);
  }

  private static SourceUrl stored(String url, String scheme, int from) {
    int slash = url.indexOf('/', from);
    String bucket = slash < 0 ? url.substring(from) : url.substring(from, slash);
    if (scheme.equals(LOCAL) != bucket.isEmpty()) {
      throw fault(url, scheme.equals(LOCAL) ? "three slashes after local:" : "a bucket");
    }
    for (int i = 0; i < bucket.length(); i++) {
      if (!Word.letterOrDigit(bucket.charAt(i)) && "-._$".indexOf(bucket.charAt(i)) < 0) {
        throw fault(url, "a bucket of letters, digits, hyphens, dots and underscores");
      }
    }
    String path = slash < 0 ? "/" : url.substring(slash);
    if (path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
      throw fault(url, "no ? and no # in a key");
    }
    if (dotted(path)) {
      throw fault(url, "no dot segments, however they are encoded");
    }
    return new SourceUrl(scheme, bucket, 0, path, "");
  }

  static int defaultPort(String scheme) {
    return scheme.equals("http") ? 80 : 443;
  }

  private static int port(String url, String port) {
    boolean good = !port.isEmpty() && port.length() <= 5;
    for (int i = 0; good && i < port.length(); i++) {
      good = port.charAt(i) >= '0' && port.charAt(i) <= '9';
    }
    int number = good ? Integer.parseInt(port) : 0;
    if (number < 1 || number > 65535) {
      throw fault(url, "a port from 1 to 65535");
    }
    return number;
  }

  /** A name, or the usual spelling of an address: four decimals, or hexadecimal groups in brackets. */
  private static String host(String url, String written) {
    String host = written.toLowerCase(Locale.ROOT);
    if (host.startsWith("[")) {
      if (!host.endsWith("]") || host.length() > 41 || !groups(host)) {
        throw fault(url, "an address in brackets, without a zone");
      }
      return host;
    }
    host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    int label = 0;
    for (int i = 0; i <= host.length(); i++) {
      char c = i == host.length() ? '.' : host.charAt(i);
      if (c == '.') {
        if (i == label || i - label > 63) {
          throw fault(url, "a host of labels with 1 to 63 characters");
        }
        label = i + 1;
      } else if (!Word.letterOrDigit(c) && c != '-' && c != '_') {
        throw fault(url, "a host of letters, digits and hyphens (xn-- for others)");
      }
    }
    String last = host.substring(host.lastIndexOf('.') + 1);
    if (host.length() > 253 || numeric(last) && !fourDecimals(host)) {
      throw fault(url, "a host name, or an address of four decimals");
    }
    return host;
  }

  private static boolean groups(String host) {
    for (int i = 1; i < host.length() - 1; i++) {
      if (!Word.hexDigit(host.charAt(i)) && host.charAt(i) != ':') {
        return false;
      }
    }
    return host.indexOf(':') > 0;
  }

  /** Whether resolvers take a host with this last label for an address (WHATWG URL, ends in a number). */
  private static boolean numeric(String label) {
    boolean digits = true;
    boolean hex = label.startsWith("0x");
    for (int i = 0; i < label.length(); i++) {
      digits &= label.charAt(i) >= '0' && label.charAt(i) <= '9';
      hex &= i < 2 || Word.hexDigit(label.charAt(i));
    }
    return digits || hex;
  }

  private static boolean fourDecimals(String host) {
    String[] parts = host.split("\\.", -1);
    for (String part : parts) {
      if (!Word.BYTE.accepts(part) || part.length() > 1 && part.startsWith("0")) {
        return false;
      }
    }
    return parts.length == 4;
  }

  private static String normalized(String url, String path) {
    if (path.isEmpty()) {
      return "/";
    }
    StringBuilder normal = new StringBuilder(path.length() + 8);
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c != '%') {
        i = append(normal, path, i);
        continue;
      }
      if (i + 2 >= path.length() || !Word.hexDigit(path.charAt(i + 1)) || !Word.hexDigit(path.charAt(i + 2))) {
        throw fault(url, "percent-encoding in the path");
      }
      int value = Character.digit(path.charAt(i + 1), 16) << 4 | Character.digit(path.charAt(i + 2), 16);
      if (unreserved(value)) {
        normal.append((char) value);
      } else {
        percent(normal, value);
      }
      i += 2;
    }
    String clean = normal.indexOf("/.") < 0 ? normal.toString() : withoutDots(normal.toString());
    if (dotted(clean)) {
      throw fault(url, "no dot segments that show after decoding");
    }
    return clean;
  }

  /** RFC 3986, 5.2.4, of a path that begins with a slash. */
  private static String withoutDots(String path) {
    String[] segments = path.substring(1).split("/", -1);
    List<String> kept = new ArrayList<>(segments.length);
    for (int i = 0; i < segments.length; i++) {
      boolean up = segments[i].equals("..");
      if (up && !kept.isEmpty()) {
        kept.remove(kept.size() - 1);
      }
      if (!up && !segments[i].equals(".")) {
        kept.add(segments[i]);
      } else if (i == segments.length - 1) {
        kept.add("");
      }
    }
    return "/" + String.join("/", kept);
  }

  /** Whether any number of decodings brings a dot segment to light, or what is worse. */
  private static boolean dotted(String path) {
    String text = path;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      if (hasDotSegment(text)) {
        return true;
      }
      if (text.indexOf('%') < 0) {
        return false;
      }
      String decoded = decodedLoosely(text);
      if (decoded == null) {
        return true;
      }
      if (decoded.equals(text)) {
        return false;
      }
      text = decoded;
    }
    return true;
  }

  private static boolean hasDotSegment(String path) {
    int dots = 0;
    boolean only = true;
    for (int i = 0; i <= path.length(); i++) {
      char c = i == path.length() ? '/' : path.charAt(i);
      if (c == '/' || SLASHES.indexOf(c) >= 0 || c == ';') {
        if (only && (dots == 1 || dots == 2)) {
          return true;
        }
        // What follows a semicolon is a parameter of the segment; servers cut it off before they look for dots.
        only = c != ';';
        dots = 0;
      } else if (c == '.' || DOTS.indexOf(c) >= 0) {
        dots++;
      } else {
        only = false;
      }
    }
    return false;
  }

  /** Decodes what can be decoded and leaves the rest. Null: control characters or overlong UTF-8 come out. */
  private static @Nullable String decodedLoosely(String text) {
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[raw.length];
    int size = 0;
    for (int i = 0; i < raw.length; i++) {
      int high = raw[i] == '%' && i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = high >= 0 ? Character.digit(raw[i + 2], 16) : -1;
      if (low < 0) {
        bytes[size++] = raw[i];
        continue;
      }
      int value = high << 4 | low;
      if (value < 0x20 || value == 0x7f) {
        return null;
      }
      bytes[size++] = (byte) value;
      i += 2;
    }
    for (int i = 0; i + 1 < size; i++) {
      int first = bytes[i] & 0xff;
      int second = bytes[i + 1] & 0xff;
      boolean overlong = (first == 0xc0 || first == 0xc1) && second >= 0x80 && second <= 0xbf
          || first == 0xe0 && second >= 0x80 && second <= 0x9f
          || first == 0xf0 && second >= 0x80 && second <= 0x8f;
      if (overlong) {
        return null;
      }
    }
    return new String(bytes, 0, size, StandardCharsets.UTF_8);
  }

  private static String encoded(String query) {
    StringBuilder encoded = new StringBuilder(query.length());
    for (int i = 0; i < query.length(); i++) {
      char c = query.charAt(i);
      if (c > ' ' && c < 0x7f) {
        encoded.append(c);
      } else {
        i = append(encoded, query, i);
      }
    }
    return encoded.toString();
  }

  /**
   * Appends what stands at a place, percent-encoded unless it may stand in a path. Returns its last place.
   */
  private static int append(StringBuilder to, String text, int at) {
    char c = text.charAt(at);
    if (c < 0x80) {
      if (unreserved(c) || "/!$&'()*+,;=:@".indexOf(c) >= 0) {
        to.append(c);
      } else {
        percent(to, c);
      }
      return at;
    }
    int last = at + Character.charCount(text.codePointAt(at)) - 1;
    for (byte b : text.substring(at, last + 1).getBytes(StandardCharsets.UTF_8)) {
      percent(to, b & 0xff);
    }
    return last;
  }

  private static void percent(StringBuilder to, int value) {
    to.append('%').append("0123456789ABCDEF".charAt(value >> 4)).append("0123456789ABCDEF".charAt(value & 15));
  }

  private static boolean unreserved(int c) {
    return c < 0x80 && (Word.letterOrDigit((char) c) || c == '-' || c == '.' || c == '_' || c == '~');
  }

  private static ImageSyntaxException fault(String url, String expected) {
    return new ImageSyntaxException(0, "source", url, expected);
  }
}

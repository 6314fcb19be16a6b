package io.gatehouse.jetty.proxy;

import java.util.Set;

/**
 * What may be forwarded as a request target, and what is taken out of it. The bytes that stay are never
 * rewritten: imgproxy signs them.
 */
final class Targets {

  private Targets() {}

  /**
   * Whether a target may be forwarded: it begins with a slash (or is the asterisk of OPTIONS), is made of
   * visible ASCII without a fragment, every per cent sign of its path begins an octet, and it holds no dot
   * segment. A backend decodes before it resolves dots, so encoded dots and encoded slashes count as what
   * they stand for, backslashes as slashes, and what follows a semicolon is no part of the segment (RFC 3986,
   * 3.3 and 5.2.4).
   */
  static boolean acceptable(String method, String target) {
    if (target.equals("*")) {
      return method.equals("OPTIONS");
    }
    if (!target.startsWith("/")) {
      return false;
    }
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c > '~' || c == '#') {
        return false;
      }
    }
    int query = target.indexOf('?');
    int end = query < 0 ? target.length() : query;
    return wellEncoded(target, end) && !hasDotSegment(target, end);
  }

  private static boolean wellEncoded(String target, int end) {
    for (int i = target.indexOf('%'); i >= 0 && i < end; i = target.indexOf('%', i + 1)) {
      if (i + 2 >= end || decoded(target.charAt(i + 1), target.charAt(i + 2)) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasDotSegment(String target, int end) {
    int dots = 0;
    boolean other = false;
    boolean parameter = false;
    for (int i = 0; i < end; i++) {
      char c = target.charAt(i);
      if (c == '%') {
        int decoded = decoded(target.charAt(i + 1), target.charAt(i + 2));
        if (decoded == '.' || decoded == '/' || decoded == '\\') {
          c = (char) decoded;
          i += 2;
        }
      }
      if (c == '/' || c == '\\') {
        if (!other && (dots == 1 || dots == 2)) {
          return true;
        }
        dots = 0;
        other = false;
        parameter = false;
      } else if (c == ';') {
        parameter = true;
      } else if (!parameter) {
        if (c == '.') {
          dots++;
        } else {
          other = true;
        }
      }
    }
    return !other && (dots == 1 || dots == 2);
  }

  private static int decoded(char high, char low) {
    int upper = Character.digit(high, 16);
    int lower = Character.digit(low, 16);
    return upper < 0 || lower < 0 ? -1 : upper * 16 + lower;
  }

  /**
   * The target without the query parameters of the given names, the rest byte for byte. A query that had
   * nothing else goes with its question mark; one that was empty before stays.
   */
  static String without(Set<String> names, String target) {
    int question = target.indexOf('?');
    if (names.isEmpty() || question < 0) {
      return target;
    }
    StringBuilder kept = new StringBuilder(target.length());
    boolean removed = false;
    boolean first = true;
    int start = question + 1;
    while (start <= target.length()) {
      int end = target.indexOf('&', start);
      if (end < 0) {
        end = target.length();
      }
      String parameter = target.substring(start, end);
      if (names.contains(name(parameter))) {
        removed = true;
      } else {
        kept.append(first ? "" : "&").append(parameter);
        first = false;
      }
      start = end + 1;
    }
    if (!removed) {
      return target;
    }
    String path = target.substring(0, question);
    return first ? path : path + '?' + kept;
  }

  private static String name(String parameter) {
    int equals = parameter.indexOf('=');
    String raw = equals < 0 ? parameter : parameter.substring(0, equals);
    if (raw.indexOf('%') < 0) {
      return raw;
    }
    // Names that are worth stripping are ASCII; anything else decodes to something that matches none of them.
    StringBuilder name = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      int decoded = c == '%' && i + 2 < raw.length() ? decoded(raw.charAt(i + 1), raw.charAt(i + 2)) : -1;
      if (decoded >= 0) {
        name.append((char) decoded);
        i += 2;
      } else {
        name.append(c);
      }
    }
    return name.toString();
  }
}

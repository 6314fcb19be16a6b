package io.gatehouse.jetty.filter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One element of the field {@code Forwarded} (RFC 7239, 4), what one proxy said:
 * {@code for="[2001:db8::1]:4711";proto=https}.
 *
 * @param parameters values by name in lower case, without their quotes
 */
record ForwardedElement(Map<String, String> parameters) {

  ForwardedElement {
    parameters = Map.copyOf(parameters);
  }

  /** The value of a parameter. */
  Optional<String> value(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /**
   * The elements of all lines in their order, the nearest proxy's last; none at all when the lines are not made as the RFC
   * says, because then nobody can tell where an element ends.
   */
  static List<ForwardedElement> all(List<String> lines) {
    List<ForwardedElement> elements = new ArrayList<>();
    for (String line : lines) {
      if (!new Reader(line).read(elements)) {
        return List.of();
      }
    }
    return elements;
  }

  private static final class Reader {

    private static final String TOKEN = "!#$%&'*+-.^_`|~";

    private final String line;
    private int at;

    Reader(String line) {
      this.line = line;
    }

    boolean read(List<ForwardedElement> elements) {
      Map<String, String> parameters = new HashMap<>();
      while (true) {
        blanks();
        if (at < line.length() && line.charAt(at) != ';' && line.charAt(at) != ',' && !pair(parameters)) {
          return false;
        }
        blanks();
        boolean end = at == line.length();
        if (end || line.charAt(at) == ',') {
          elements.add(new ForwardedElement(parameters));
          parameters.clear();
        } else if (line.charAt(at) != ';') {
          return false;
        }
        if (end) {
          return true;
        }
        at++;
      }
    }

    /** A parameter may not stand twice in an element. */
    private boolean pair(Map<String, String> parameters) {
      String name = token();
      if (name.isEmpty() || at == line.length() || line.charAt(at) != '=') {
        return false;
      }
      at++;
      StringBuilder value = new StringBuilder();
      if (at < line.length() && line.charAt(at) == '"') {
        if (!quoted(value)) {
          return false;
        }
      } else {
        value.append(token());
      }
      return parameters.put(name.toLowerCase(Locale.ROOT), value.toString()) == null;
    }

    private boolean quoted(StringBuilder value) {
      for (at++; at < line.length(); at++) {
        char c = line.charAt(at);
        if (c == '"') {
          at++;
          return true;
        }
        if (c == '\\' && ++at == line.length()) {
          return false;
        }
        value.append(line.charAt(at));
      }
      return false;
    }

    private String token() {
      int start = at;
      while (at < line.length() && isToken(line.charAt(at))) {
        at++;
      }
      return line.substring(start, at);
    }

    private void blanks() {
      while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
        at++;
      }
    }

    private static boolean isToken(char c) {
      return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || TOKEN.indexOf(c) >= 0;
    }
  }
}

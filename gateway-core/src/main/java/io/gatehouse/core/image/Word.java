package io.gatehouse.core.image;

import java.util.Set;

/**
 * What one argument may be. Each is at most what imgproxy accepts: numbers have no exponent, no {@code Inf}
 * and no {@code NaN} (which Go would take for a number that is neither too small nor too large), and what
 * imgproxy would take for false with a warning is no boolean.
 */
enum Word {
  WHOLE("a whole number, 0 or more") {
    @Override
    boolean accepts(String text) {
      return digits(text, 10) && Long.parseLong(text) <= Integer.MAX_VALUE;
    }
  },
  POSITIVE_WHOLE("a whole number, 1 or more") {
    @Override
    boolean accepts(String text) {
      return WHOLE.accepts(text) && Long.parseLong(text) > 0;
    }
  },
  PERCENT("a whole number from 0 to 100") {
    @Override
    boolean accepts(String text) {
      return digits(text, 3) && Integer.parseInt(text) <= 100;
    }
  },
  BYTE("a whole number from 0 to 255") {
    @Override
    boolean accepts(String text) {
      return digits(text, 3) && Integer.parseInt(text) <= 255;
    }
  },
  SHIFT("a whole number from -255 to 255") {
    @Override
    boolean accepts(String text) {
      return BYTE.accepts(text.startsWith("-") ? text.substring(1) : text);
    }
  },
  ANGLE("a multiple of 90") {
    @Override
    boolean accepts(String text) {
      String size = text.startsWith("-") ? text.substring(1) : text;
      return digits(size, 5) && Integer.parseInt(size) % 90 == 0;
    }
  },
  TIME("seconds since 1970") {
    @Override
    boolean accepts(String text) {
      return digits(text, 15);
    }
  },
  NUMBER("a number, 0 or more") {
    @Override
    boolean accepts(String text) {
      return decimal(text);
    }
  },
  POSITIVE("a number above 0") {
    @Override
    boolean accepts(String text) {
      return decimal(text) && Double.parseDouble(text) > 0;
    }
  },
  SIGNED("a number") {
    @Override
    boolean accepts(String text) {
      return decimal(text.startsWith("-") ? text.substring(1) : text);
    }
  },
  FRACTION("a number from 0 to 1") {
    @Override
    boolean accepts(String text) {
      return decimal(text) && Double.parseDouble(text) <= 1;
    }
  },
  BOOL("1, t, true, 0, f or false") {
    @Override
    boolean accepts(String text) {
      return BOOLS.contains(text);
    }
  },
  COLOR("a colour of 3 or 6 hexadecimal digits") {
    @Override
    boolean accepts(String text) {
      return (text.length() == 3 || text.length() == 6) && hex(text);
    }
  },
  HEX("hexadecimal digits") {
    @Override
    boolean accepts(String text) {
      return !text.isEmpty() && text.length() <= 128 && hex(text);
    }
  },
  FORMAT(ImageFormat.known()) {
    @Override
    boolean accepts(String text) {
      return ImageFormat.named(text).isPresent();
    }
  },
  RESIZING("fit, fill, fill-down, force or auto") {
    @Override
    boolean accepts(String text) {
      return RESIZINGS.contains(text);
    }
  },
  ALGORITHM("nearest, linear, cubic, lanczos2 or lanczos3") {
    @Override
    boolean accepts(String text) {
      return ALGORITHMS.contains(text);
    }
  },
  DIRECTION("down, up, right, left or an angle") {
    @Override
    boolean accepts(String text) {
      return DIRECTIONS.contains(text) || SIGNED.accepts(text);
    }
  },
  SIDE("no, so, ea, we, noea, nowe, soea, sowe or ce") {
    @Override
    boolean accepts(String text) {
      return SIDES.contains(text);
    }
  },
  WATERMARK_PLACE("no, so, ea, we, noea, nowe, soea, sowe, ce, re or ch") {
    @Override
    boolean accepts(String text) {
      return SIDES.contains(text) || text.equals("re") || text.equals("ch");
    }
  },
  HASH("none, md5, sha1, sha256 or sha512") {
    @Override
    boolean accepts(String text) {
      return HASHES.contains(text);
    }
  },
  NAME("1 to 64 letters, digits, underscores, hyphens, dots or spaces as %20") {
    @Override
    boolean accepts(String text) {
      if (text.isEmpty() || text.length() > 64) {
        return false;
      }
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (!letterOrDigit(c) && c != '_' && c != '-' && c != '.') {
          if (!text.startsWith("%20", i)) {
            return false;
          }
          i += 2;
        }
      }
      return true;
    }
  },
  BASE64("URL-safe Base64") {
    @Override
    boolean accepts(String text) {
      return Base64Url.readable(text);
    }
  },
  TEXT("text, percent-encoded") {
    @Override
    boolean accepts(String text) {
      for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 3)) {
        if (i + 2 >= text.length() || !hexDigit(text.charAt(i + 1)) || !hexDigit(text.charAt(i + 2))) {
          return false;
        }
      }
      return true;
    }
  };

  /** What Go's {@code strconv.ParseBool} takes. */
  private static final Set<String> BOOLS =
      Set.of("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False");
  private static final Set<String> RESIZINGS = Set.of("fit", "fill", "fill-down", "force", "auto");
  private static final Set<String> ALGORITHMS = Set.of("nearest", "linear", "cubic", "lanczos2", "lanczos3");
  private static final Set<String> DIRECTIONS = Set.of("down", "up", "right", "left");
  private static final Set<String> SIDES = Set.of("no", "so", "ea", "we", "noea", "nowe", "soea", "sowe", "ce");
  private static final Set<String> HASHES = Set.of("none", "md5", "sha1", "sha256", "sha512");
  private static final int MOST_DIGITS = 9;

  private final String expected;

  Word(String expected) {
    this.expected = expected;
  }

  abstract boolean accepts(String text);

  String expected() {
    return expected;
  }

  /** Whether a boolean says yes. */
  static boolean yes(String bool) {
    return bool.startsWith("1") || bool.startsWith("t") || bool.startsWith("T");
  }

  private static boolean digits(String text, int most) {
    int length = text.length();
    if (length == 0 || length > most) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (!digit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean decimal(String text) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      return digits(text, MOST_DIGITS);
    }
    boolean whole = dot == 0 || digits(text.substring(0, dot), MOST_DIGITS);
    boolean rest = dot == text.length() - 1 || digits(text.substring(dot + 1), MOST_DIGITS);
    return whole && rest && text.length() > 1;
  }

  private static boolean hex(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!hexDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  static boolean hexDigit(char c) {
    return digit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  static boolean letterOrDigit(char c) {
    return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}

package io.gatehouse.core.settings;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.settings.Type.Shape;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The kinds of values. */
final class Types {

  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");
  private static final Pattern PEPPER = Pattern.compile("([1-9][0-9]{0,5}|1000000):(.+)");
  private static final Pattern SHARE = Pattern.compile("0(\\.[0-9]{1,9})?|1(\\.0{1,9})?");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(KiB|MiB|GiB|TiB)?");
  private static final Pattern DECIMAL_SIZE = Pattern.compile("([0-9]{1,12}) ?([kKmMgGtT])i?[bB]?");
  private static final Pattern FIELD =
      Pattern.compile("(" + FieldNames.NAME + "):[ \\t]*([!-~]|[!-~][ -~\\t]*[!-~])[ \\t]*");
  private static final Pattern NAMED_OPTIONS = Pattern.compile("([A-Za-z0-9_-]{1,64}):[ \\t]*([!-~]{1,1000})[ \\t]*");
  private static final Pattern HEX = Pattern.compile("(?:[0-9a-fA-F]{2})+");
  private static final Pattern HOST_PORT = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]*)(?::([0-9]{1,5}))?");

  private static final Map<String, Long> MILLIS = units("d", 86_400_000L, "h", 3_600_000L, "m", 60_000L, "s", 1_000L);
  private static final Map<String, Long> BYTES =
      units("TiB", 1L << 40, "GiB", 1L << 30, "MiB", 1L << 20, "KiB", 1L << 10);

  private Types() {}

  static Type<Boolean> bool() {
    return new Type<>(
        Shape.PLAIN,
        "true or false",
        Map.of("type", "boolean"),
        text -> switch (text.toLowerCase(Locale.ROOT)) {
          case "true" -> true;
          case "false" -> false;
          case "yes", "on", "1" -> throw new BadValue("true or false", "did you mean true?");
          case "no", "off", "0" -> throw new BadValue("true or false", "did you mean false?");
          default -> throw new BadValue("true or false");
        },
        String::valueOf);
  }

  static Type<Long> count(long least, long most) {
    String expected = most == 1L << 53 ? least + " to 2^53" : least + " to " + most;
    return new Type<>(
        Shape.PLAIN,
        expected,
        ordered("type", "integer", "minimum", least, "maximum", most),
        text -> {
          if (!DIGITS.matcher(text).matches()) {
            throw new BadValue(expected);
          }
          long value = Long.parseLong(text);
          if (value < least || value > most) {
            throw new BadValue(expected);
          }
          return value;
        },
        String::valueOf);
  }

  static Type<Integer> number(int least, int most) {
    Type<Long> count = count(least, most);
    return new Type<>(
        Shape.PLAIN, count.expected(), count.schema(), text -> count.read(text).intValue(), String::valueOf);
  }

  /** A part of the whole, as a decimal number. */
  static Type<Double> share() {
    String expected = "0 to 1, such as 0.01";
    return new Type<>(
        Shape.PLAIN,
        expected,
        ordered("type", "number", "minimum", 0, "maximum", 1),
        text -> {
          if (!SHARE.matcher(text).matches()) {
            throw new BadValue(expected);
          }
          return Double.valueOf(text);
        },
        value -> BigDecimal.valueOf(value).stripTrailingZeros().toPlainString());
  }

  /** A whole number and its unit; the bounds are written the same way. */
  static Type<Duration> duration(String least, String most) {
    String expected = "a duration from " + least + " to " + most;
    long leastMillis = millis(least);
    long mostMillis = millis(most);
    return new Type<>(
        Shape.PLAIN,
        expected,
        ordered("type", "string", "pattern", "^[0-9]+(ms|s|m|h|d)$"),
        text -> {
          if (!DURATION.matcher(text).matches()) {
            throw new BadValue(
                expected + ", such as 500ms, 30s or 5m",
                DIGITS.matcher(text).matches() ? "did you mean " + text + "s?" : "");
          }
          long millis = millis(text);
          if (millis < leastMillis || millis > mostMillis) {
            throw new BadValue(expected);
          }
          return Duration.ofMillis(millis);
        },
        value -> withUnit(value.toMillis(), MILLIS, "ms", "0s"));
  }

  /** Bytes, in units of 1024 or plain; the bounds are written the same way. */
  static Type<Long> size(String least, String most) {
    String expected = "a size from " + least + " to " + most;
    long leastBytes = bytes(least);
    long mostBytes = bytes(most);
    return new Type<>(
        Shape.PLAIN,
        expected,
        Map.of("anyOf", List.of(
            ordered("type", "integer", "minimum", leastBytes, "maximum", mostBytes),
            ordered("type", "string", "pattern", "^[0-9]+(KiB|MiB|GiB|TiB)?$"))),
        text -> {
          if (!SIZE.matcher(text).matches()) {
            Matcher decimal = DECIMAL_SIZE.matcher(text);
            throw new BadValue(
                expected + ", such as 65536, 64KiB or 10MiB",
                decimal.matches()
                    ? "did you mean " + decimal.group(1) + decimal.group(2).toUpperCase(Locale.ROOT) + "iB?"
                    : "");
          }
          long bytes = bytes(text);
          if (bytes < leastBytes || bytes > mostBytes) {
            throw new BadValue(expected);
          }
          return bytes;
        },
        value -> withUnit(value, BYTES, "", "0"));
  }

  /** Any text that passes the test. */
  static Type<String> text(String expected, String pattern) {
    Predicate<String> fits = Pattern.compile(pattern).asMatchPredicate();
    return new Type<>(
        Shape.PLAIN,
        expected,
        ordered("type", "string", "pattern", "^(" + pattern + ")$"),
        text -> {
          if (!fits.test(text)) {
            throw new BadValue(expected);
          }
          return text;
        },
        text -> text);
  }

  static <E extends Enum<E>> Type<E> choice(Class<E> of) {
    return choice(List.of(of.getEnumConstants()));
  }

  /** One of some constants, by its name in lower case with hyphens. */
  static <E extends Enum<E>> Type<E> choice(List<E> of) {
    Map<String, E> choices = of.stream().collect(Collectors.toMap(
        Types::nameOf, choice -> choice, (a, b) -> a, LinkedHashMap::new));
    String expected = "one of " + String.join(", ", choices.keySet());
    return new Type<>(
        Shape.PLAIN,
        expected,
        Map.of("enum", List.copyOf(choices.keySet())),
        text -> {
          E choice = choices.get(text);
          if (choice == null) {
            throw new BadValue(
                expected, Nearest.of(text, choices.keySet()).map(near -> "did you mean " + near + "?").orElse(""));
          }
          return choice;
        },
        Types::nameOf);
  }

  private static String nameOf(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Type<Path> path() {
    return new Type<>(
        Shape.PLAIN,
        "the path of a directory",
        ordered("type", "string", "minLength", 1L),
        text -> {
          try {
            if (text.isBlank()) {
              throw new BadValue("the path of a directory");
            }
            return Path.of(text);
          } catch (InvalidPathException e) {
            throw new BadValue("the path of a directory");
          }
        },
        Path::toString);
  }

  /** The path of a file, as one line of text; what looks like the content of a file is none, and is not shown. */
  static Type<Path> file() {
    String expected = "the path of a file";
    return new Type<>(
        Shape.PLAIN,
        expected,
        ordered("type", "string", "minLength", 1L),
        text -> {
          if (text.isBlank() || text.chars().anyMatch(Character::isISOControl) || Values.isPem(text)) {
            throw new BadValue(expected, Values.isPem(text) ? "name the file, do not put it here" : "");
          }
          try {
            return Path.of(text);
          } catch (InvalidPathException e) {
            throw new BadValue(expected);
          }
        },
        Path::toString);
  }

  static Type<TlsSettings.Version> tlsVersion() {
    Map<String, TlsSettings.Version> versions = Stream.of(TlsSettings.Version.values())
        .collect(Collectors.toMap(TlsSettings.Version::number, version -> version));
    return new Type<>(
        Shape.PLAIN,
        "1.2 or 1.3",
        Map.of("enum", List.of("1.2", "1.3", 1.2, 1.3)),
        text -> {
          TlsSettings.Version version = versions.get(text);
          if (version == null) {
            throw new BadValue("1.2 or 1.3");
          }
          return version;
        },
        TlsSettings.Version::number);
  }

  static Type<Secret> secret(int leastLength) {
    String expected = leastLength > 1 ? "a secret of at least " + leastLength + " characters" : "a secret";
    return new Type<>(
        Shape.SECRET,
        expected,
        ordered("type", "string", "minLength", (long) leastLength),
        text -> {
          if (text.equals(Secret.MASK)) {
            throw new BadValue(expected, Secret.MASK + " only stands for a secret where settings are printed");
          }
          if (text.length() < leastLength) {
            throw new BadValue(expected);
          }
          return new Secret(text);
        },
        Secret::reveal);
  }

  /** Bytes in hexadecimal, or several of them with commas between. */
  static Type<List<Secret>> hexSecrets() {
    String expected = "hexadecimal digits, two for each byte; several with commas between them";
    return new Type<>(
        Shape.SECRET,
        expected,
        ordered("type", "string", "minLength", 2L),
        text -> {
          String[] parts = text.strip().split("\\s*,\\s*", -1);
          List<Secret> secrets = new ArrayList<>(parts.length);
          for (String part : parts) {
            if (!HEX.matcher(part).matches()) {
              throw new BadValue(expected, parts.length == 1 ? "" : "number " + (secrets.size() + 1) + " of " + parts.length
                  + (part.isEmpty() ? " is empty" : part.length() % 2 == 1 ? " has an odd number of characters" : " is not"));
            }
            secrets.add(new Secret(part));
          }
          return List.copyOf(secrets);
        },
        value -> value.stream().map(Secret::reveal).collect(Collectors.joining(",")));
  }

  /** Numbered secrets: {@code 1:secret,2:secret}. */
  static Type<Map<Integer, Secret>> peppers(int leastLength) {
    String expected = "numbered secrets of at least " + leastLength + " characters, such as 1:secret,2:secret";
    return new Type<>(
        Shape.SECRET,
        expected,
        ordered("type", "string"),
        text -> {
          if (text.equals(Secret.MASK)) {
            throw new BadValue(expected, Secret.MASK + " only stands for a secret where settings are printed");
          }
          Map<Integer, Secret> peppers = new TreeMap<>();
          for (String each : text.isBlank() ? new String[0] : text.strip().split("\\s*,\\s*", -1)) {
            Matcher parts = PEPPER.matcher(each);
            if (!parts.matches() || parts.group(2).length() < leastLength) {
              throw new BadValue(expected);
            }
            if (peppers.put(Integer.valueOf(parts.group(1)), new Secret(parts.group(2))) != null) {
              throw new BadValue(expected, "one number is there twice");
            }
          }
          return Map.copyOf(peppers);
        },
        peppers -> new TreeMap<>(peppers).entrySet().stream()
            .map(each -> each.getKey() + ":" + each.getValue().reveal())
            .collect(Collectors.joining(",")));
  }

  static Type<String> regularExpression() {
    String expected = "a regular expression of Java";
    return new Type<>(
        Shape.PLAIN,
        expected,
        ordered("type", "string"),
        text -> {
          try {
            return Pattern.compile(text).pattern();
          } catch (PatternSyntaxException e) {
            throw new BadValue(expected);
          }
        },
        text -> text);
  }

  /** The address of a backend, without anything behind the port; host and scheme are given in lower case. */
  static Type<URI> backend() {
    String expected = BackendAddress.EXPECTED;
    return new Type<>(
        Shape.PLAIN,
        expected,
        ordered("type", "string", "pattern", "^https?://[^/?#@]+/?$"),
        text -> {
          try {
            return BackendAddress.parse(text);
          } catch (IllegalArgumentException e) {
            throw text.contains("_")
                ? new BadValue(expected, "the name of a host cannot hold _")
                : new BadValue(expected);
          }
        },
        URI::toString);
  }

  /** A Redis server: {@code host:port}, {@code host} or {@code redis://host:port}. */
  static Type<InetSocketAddress> redis() {
    String expected = "host:port or redis://host:port";
    return new Type<>(
        Shape.PLAIN,
        expected,
        Map.of("type", "string"),
        text -> {
          String bare = text.startsWith("redis://") ? text.substring("redis://".length()) : text;
          if (bare.contains("@")) {
            throw new BadValue(expected, "set redis.password for the password");
          }
          return address(bare.endsWith("/") ? bare.substring(0, bare.length() - 1) : bare, "", 6379, 1, expected);
        },
        Types::written);
  }

  /** Where to listen: {@code host:port}, or {@code :port} for all addresses of the machine. */
  static Type<InetSocketAddress> listen() {
    String expected = "host:port or :port";
    return new Type<>(
        Shape.PLAIN,
        expected,
        Map.of("type", "string"),
        text -> address(text, "0.0.0.0", -1, 0, expected),
        Types::written);
  }

  static Type<ZoneId> timeZone() {
    String expected = "a time zone such as UTC or Europe/Berlin";
    return new Type<>(
        Shape.PLAIN,
        expected,
        Map.of("type", "string"),
        text -> {
          try {
            return text.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(text);
          } catch (DateTimeException e) {
            throw new BadValue(
                expected,
                Nearest.of(text, ZoneId.getAvailableZoneIds()).map(near -> "did you mean " + near + "?").orElse(""));
          }
        },
        zone -> zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId());
  }

  /** Whole numbers, each once, ascending. */
  static Type<List<Integer>> percentages() {
    String expected = "percentages such as 50,80,100";
    Type<Integer> percentage = number(1, 100);
    return new Type<>(
        Shape.LIST,
        expected,
        Map.of("anyOf", List.of(
            ordered("type", "array", "items", percentage.schema()), Map.of("type", "string"))),
        text -> {
          TreeSet<Integer> percentages = new TreeSet<>();
          for (String each : text.isBlank() ? new String[0] : text.split(",", -1)) {
            try {
              percentages.add(percentage.read(each.strip()));
            } catch (BadValue e) {
              throw new BadValue(expected);
            }
          }
          return List.copyOf(percentages);
        },
        percentages -> percentages.stream().map(String::valueOf).collect(Collectors.joining(",")));
  }

  static Type<List<Cidr>> networks() {
    String expected = "networks such as 10.0.0.0/8";
    return new Type<>(
        Shape.LIST,
        expected,
        Map.of("anyOf", List.of(
            ordered("type", "array", "items", Map.of("type", "string")), Map.of("type", "string"))),
        text -> {
          List<Cidr> networks = new ArrayList<>();
          for (String network : text.isBlank() ? new String[0] : text.split(",", -1)) {
            try {
              networks.add(Cidr.parse(network.strip()));
            } catch (IllegalArgumentException e) {
              throw new BadValue(expected);
            }
          }
          return List.copyOf(networks);
        },
        networks -> networks.stream().map(Cidr::toString).collect(Collectors.joining(",")));
  }

  /** Words that pass the test. */
  static Type<List<String>> list(String expected, String pattern) {
    Predicate<String> fits = Pattern.compile(pattern).asMatchPredicate();
    return new Type<>(
        Shape.LIST,
        expected,
        Map.of("anyOf", List.of(
            ordered("type", "array", "items", ordered("type", "string", "pattern", "^(" + pattern + ")$")),
            Map.of("type", "string"))),
        text -> {
          List<String> words = new ArrayList<>();
          for (String word : text.isBlank() ? new String[0] : text.split(",", -1)) {
            if (!fits.test(word.strip())) {
              throw new BadValue(expected);
            }
            words.add(word.strip());
          }
          return List.copyOf(words);
        },
        words -> String.join(",", words));
  }

  /** The names of fields that a route may take out, each once. */
  static Type<List<String>> fieldNames() {
    String expected = "names of fields such as X-Powered-By";
    Type<List<String>> names = list(expected, FieldNames.NAME);
    return new Type<>(
        Shape.LIST,
        expected,
        names.schema(),
        text -> {
          List<String> list = names.read(text);
          requireUnreserved(list.stream());
          return list;
        },
        names.writer());
  }

  /** Fields that a route may set, and their values. */
  static Type<Map<String, String>> fields() {
    String expected = "fields and their values, such as X-Tier: gold";
    return new Type<>(
        Shape.MAP,
        expected,
        Map.of("anyOf", List.of(
            ordered("type", "object", "propertyNames", Map.of("pattern", "^" + FieldNames.NAME + "$"),
                "additionalProperties", Map.of("type", List.of("string", "number", "boolean"))),
            Map.of("type", "string"))),
        text -> {
          Map<String, String> fields = new LinkedHashMap<>();
          for (String line : text.isBlank() ? List.<String>of() : text.lines().toList()) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches() || fields.put(field.group(1), field.group(2)) != null) {
              throw new BadValue(expected);
            }
          }
          requireUnreserved(fields.keySet().stream());
          if (fields.keySet().stream().anyMatch(FieldNames::isCredential)) {
            throw new BadValue("a field that is no credential", "settings are printed; credentials can only be removed");
          }
          return fields;
        },
        fields -> fields.entrySet().stream().map(field -> field.getKey() + ": " + field.getValue())
            .collect(Collectors.joining(Shape.MAP.separator)));
  }

  private static void requireUnreserved(Stream<String> names) throws BadValue {
    Optional<String> reserved = names.filter(FieldNames::isReserved).findFirst();
    if (reserved.isPresent()) {
      throw new BadValue(
          "a field that routes may change", reserved.get() + " belongs to the connection, or is the gateway's own");
    }
  }

  /** The same, or nothing where the text is empty. */
  /** Options of imgproxy by the names of presets; what the options are is not known here. */
  static Type<Map<String, String>> presets() {
    return optionsByName("names of presets and their options, such as thumb: rs:fill:300:300");
  }

  /** Options of imgproxy, by names that are given to them. */
  static Type<Map<String, String>> optionsByName(String expected) {
    return new Type<>(
        Shape.MAP,
        expected,
        Map.of("anyOf", List.of(
            ordered("type", "object", "propertyNames", Map.of("pattern", "^[A-Za-z0-9_-]{1,64}$"),
                "additionalProperties", Map.of("type", "string")),
            Map.of("type", "string"))),
        text -> {
          Map<String, String> options = new LinkedHashMap<>();
          for (String line : text.isBlank() ? List.<String>of() : text.lines().toList()) {
            Matcher named = NAMED_OPTIONS.matcher(line);
            if (!named.matches() || options.put(named.group(1), named.group(2)) != null) {
              throw new BadValue(expected);
            }
          }
          return options;
        },
        options -> options.entrySet().stream().map(named -> named.getKey() + ": " + named.getValue())
            .collect(Collectors.joining(Shape.MAP.separator)));
  }

  static <T> Type<Optional<T>> optional(Type<T> type) {
    return new Type<>(
        type.shape(),
        type.expected() + ", or empty",
        Map.of("anyOf", List.of(type.schema(), Map.of("const", ""))),
        text -> text.isEmpty() ? Optional.empty() : Optional.of(type.read(text)),
        value -> value.map(type::write).orElse(""));
  }

  /** Refuses some values of a type. */
  static <T> Type<T> only(Type<T> type, String expected, Predicate<T> allowed) {
    return new Type<>(
        type.shape(),
        expected,
        type.schema(),
        text -> {
          T value = type.read(text);
          if (!allowed.test(value)) {
            throw new BadValue(expected);
          }
          return value;
        },
        type.writer());
  }

  static Map<String, Object> ordered(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private static InetSocketAddress address(
      String text, String anyHost, int usualPort, int leastPort, String expected) throws BadValue {
    Matcher parts = HOST_PORT.matcher(text);
    if (!parts.matches()) {
      throw new BadValue(expected);
    }
    String host = parts.group(1).isEmpty() ? anyHost : parts.group(1);
    int port = parts.group(2) == null ? usualPort : Integer.parseInt(parts.group(2));
    if (host.isEmpty() || port < leastPort || port > 65535) {
      throw new BadValue(expected);
    }
    return InetSocketAddress.createUnresolved(host, port);
  }

  private static String written(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static long millis(String text) {
    Matcher parts = DURATION.matcher(text);
    return parts.matches() ? product(parts.group(1), MILLIS.get(parts.group(2))) : 0;
  }

  private static long bytes(String text) {
    Matcher parts = SIZE.matcher(text);
    return parts.matches() ? product(parts.group(1), BYTES.get(parts.group(2))) : 0;
  }

  private static long product(String digits, @Nullable Long unit) {
    try {
      return Math.multiplyExact(Long.parseLong(digits), unit == null ? 1 : unit);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  private static String withUnit(long amount, Map<String, Long> units, String smallest, String zero) {
    if (amount == 0) {
      return zero;
    }
    for (Map.Entry<String, Long> unit : units.entrySet()) {
      if (amount % unit.getValue() == 0) {
        return amount / unit.getValue() + unit.getKey();
      }
    }
    return amount + smallest;
  }

  private static Map<String, Long> units(Object... namesAndValues) {
    Map<String, Long> units = new LinkedHashMap<>();
    ordered(namesAndValues).forEach((name, value) -> units.put(name, (Long) value));
    return units;
  }
}

package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.KeyTerms;
import io.gatehouse.core.settings.BackendAddress;
import io.gatehouse.core.settings.Nearest;
import io.gatehouse.jetty.filter.DotSegments;
import io.gatehouse.key.KeyImage;
import io.gatehouse.key.SlowHash;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.User;
import io.gatehouse.plan.Plan;
import java.net.InetAddress;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The kinds of values that administration takes. */
public final class FieldTypes {

  /** The form of our ids; what has another form names nothing. */
  private static final Pattern ID = Pattern.compile("[0-9A-Za-z]{1,64}");

  /** RFC 9110, 9.1. */
  private static final Pattern METHOD_TOKEN = Pattern.compile("[0-9A-Za-z!#$%&'*+.^_`|~-]{1,32}");

  /** RFC 9112, 3.2.1. */
  private static final Pattern HOST_NAME = Pattern.compile(
      "([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");
  private static final Pattern ORIGIN_FORM = Pattern.compile("/[\\x21-\\x7e&&[^#]]{0,8191}");

  /** The last year that RFC 3339 can write. */
  private static final int LAST_YEAR = 9999;

  public static final FieldType<String> ID_TEXT = text("an id", text -> ID.matcher(text).matches());

  public static final FieldType<String> USER_NAME =
      text(
          "1 to " + User.LONGEST_NAME + " characters, no control characters",
          text -> !text.isBlank() && isLabel(text, User.LONGEST_NAME));

  public static final FieldType<String> TENANT =
      text("1 to 64 letters, digits, ., _ and -, the first a letter or digit", User::isTenant);

  public static final FieldType<String> KEY_NAME =
      text(
          "at most " + KeyTerms.LONGEST_NAME + " characters, no control characters",
          text -> isLabel(text, KeyTerms.LONGEST_NAME));

  public static final FieldType<String> SCOPE =
      text("such as \"GET\", \"* /img/\", \"POST /upload\" or \"images:write\"", KeyTerms::isScope);

  /** A scope that says what may be called. */
  public static final FieldType<String> ROUTE =
      text(
          "such as \"GET\", \"* /img/\" or \"POST /upload\"",
          text -> KeyTerms.isScope(text) && ApiKey.isRoute(text));

  public static final FieldType<String> PLAN =
      text("1 to 64 small letters, digits, ., _ and -, the first a letter or digit", Plan::isName);

  public static final FieldType<String> PLAN_TITLE =
      text(
          "at most " + Plan.LONGEST_TITLE + " characters, no control characters",
          text -> isLabel(text, Plan.LONGEST_TITLE));

  public static final FieldType<String> OPTION =
      text(
          "a text of at most " + Plan.LONGEST_OPTION + " characters, no control characters",
          text -> isLabel(text, Plan.LONGEST_OPTION));

  public static final FieldType<Cidr> NETWORK = parsed("an address or network such as 192.0.2.0/24", Cidr::parse);

  public static final FieldType<URI> BACKEND = parsed(BackendAddress.EXPECTED, BackendAddress::parse);

  /** The secret of a key, whatever it looks like; never shown. */
  public static final FieldType<String> SECRET_KEY =
      (path, value, faults) -> {
        if (!value.isTextual()) {
          faults.add(path, "not a text (expected: an API key)");
        }
        return Optional.ofNullable(value.textValue());
      };

  /** The hash of a key that somebody else has made; never shown. */
  public static final FieldType<KeyImage> HASH =
      (path, value, faults) -> {
        try {
          return Optional.of(KeyImage.parse(value.isTextual() ? value.textValue() : ""));
        } catch (IllegalArgumentException e) {
          String expected = "SHA-256 as 64 hexadecimal digits, or bcrypt of a cost of 4 to " + SlowHash.HIGHEST_COST;
          faults.add(path, "(not shown) (expected: " + expected + ")");
          return Optional.empty();
        }
      };

  /** The first characters of a key. */
  public static final FieldType<String> START =
      text(
          "1 to " + SlowHash.LONGEST_START + " visible characters of ASCII",
          text -> text.matches("[\\x21-\\x7e]{1," + SlowHash.LONGEST_START + "}"));

  public static final FieldType<String> METHOD = text("a method such as GET", text -> METHOD_TOKEN.matcher(text).matches());

  public static final FieldType<String> TARGET =
      text(
          "a path such as /img/a.png?w=300, as it is sent: encoded, without dot segments",
          text -> ORIGIN_FORM.matcher(text).matches() && !DotSegments.in(text.split("\\?", 2)[0]));

  public static final FieldType<String> HOST =
      text("a host such as img.example.com", text -> HOST_NAME.matcher(text).matches());

  public static final FieldType<InetAddress> ADDRESS = parsed("an address such as 192.0.2.1", Cidr::address);

  /** A moment of RFC 3339 since 1970; finer parts than milliseconds are cut off. */
  public static final FieldType<Instant> MOMENT =
      parsed(
          "a moment such as 2026-11-24T00:00:00Z",
          text -> {
            try {
              OffsetDateTime moment = OffsetDateTime.parse(text);
              if (moment.getYear() <= LAST_YEAR && !moment.toInstant().isBefore(Instant.EPOCH)) {
                return moment.toInstant().truncatedTo(ChronoUnit.MILLIS);
              }
            } catch (DateTimeException e) {
              throw new IllegalArgumentException(e);
            }
            throw new IllegalArgumentException(text);
          });

  public static final FieldType<Boolean> BOOLEAN =
      (path, value, faults) ->
          value.isBoolean() ? Optional.of(value.booleanValue()) : wrong(path, value, "true or false", faults);

  /** As a query says it. */
  public static final FieldType<Boolean> TRUE_OR_FALSE =
      text("true or false", text -> text.equals("true") || text.equals("false")).map(Boolean::valueOf);

  private FieldTypes() {}

  /** A text that passes the test and is Unicode: no half of a surrogate pair without its other half. */
  public static FieldType<String> text(String expected, Predicate<String> allowed) {
    return (path, value, faults) ->
        value.isTextual() && isUnicode(value.textValue()) && allowed.test(value.textValue())
            ? Optional.of(value.textValue())
            : wrong(path, value, expected, faults);
  }

  /** A whole number, written without a point or an exponent. */
  public static FieldType<Long> count(long least, long most) {
    String expected = least + " to " + (most == 1L << 53 ? "2^53" : Long.toString(most));
    return (path, value, faults) -> {
      boolean fits = value.isIntegralNumber() && value.canConvertToLong();
      return fits && value.longValue() >= least && value.longValue() <= most
          ? Optional.of(value.longValue())
          : wrong(path, value, expected, faults);
    };
  }

  /** How a constant is called in documents: in lower case with hyphens. */
  public static String nameOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The name of a constant. */
  public static <E extends Enum<E>> FieldType<E> choice(Class<E> of) {
    Map<String, E> choices = new LinkedHashMap<>();
    for (E choice : of.getEnumConstants()) {
      choices.put(nameOf(choice), choice);
    }
    String expected = "one of " + String.join(", ", choices.keySet());
    return (path, value, faults) -> {
      E choice = value.isTextual() ? choices.get(value.textValue()) : null;
      return choice != null ? Optional.of(choice) : wrong(path, value, expected, faults);
    };
  }

  /** A length of time as {@link Durations} reads it. */
  public static FieldType<Duration> duration(Duration least, Duration most) {
    String expected = "a duration from " + Durations.text(least) + " to " + Durations.text(most);
    return (path, value, faults) -> {
      Optional<Duration> duration = value.isTextual() ? Durations.parse(value.textValue()) : Optional.empty();
      if (duration.isEmpty()) {
        return wrong(path, value, expected + ", such as 500ms, 30s or 24h", faults);
      }
      return duration.get().compareTo(least) >= 0 && duration.get().compareTo(most) <= 0
          ? duration
          : wrong(path, value, expected, faults);
    };
  }

  /** A moment of RFC 3339 that is still to come, in milliseconds: stores keep no more. */
  public static FieldType<Instant> future(InstantSource clock) {
    String expected = "a moment in the future such as 2030-12-31T23:59:59Z";
    return (path, value, faults) -> {
      try {
        OffsetDateTime moment = OffsetDateTime.parse(value.isTextual() ? value.textValue() : "");
        Instant instant = moment.toInstant().truncatedTo(ChronoUnit.MILLIS);
        if (moment.getYear() <= LAST_YEAR && instant.isAfter(clock.instant())) {
          return Optional.of(instant);
        }
      } catch (DateTimeException e) {
        // said below, as for a moment that is over
      }
      return wrong(path, value, expected, faults);
    };
  }

  /** A list whose elements are named {@code path[0]}, {@code path[1]} and so on. */
  public static <T> FieldType<List<T>> list(FieldType<T> element, int most) {
    return (path, value, faults) -> {
      if (!value.isArray()) {
        return wrong(path, value, "a list", faults);
      }
      if (value.size() > most) {
        faults.add(path, value.size() + " elements (expected: at most " + most + ")");
        return Optional.empty();
      }
      List<T> elements = new ArrayList<>();
      for (int i = 0; i < value.size(); i++) {
        element.read(path + "[" + i + "]", value.get(i), faults).ifPresent(elements::add);
      }
      return elements.size() == value.size() ? Optional.of(List.copyOf(elements)) : Optional.empty();
    };
  }

  /** "did you mean ...?", or nothing when no name is close. */
  public static String hint(String name, List<String> names) {
    return Nearest.of(Faults.shown(name), names).map(near -> "did you mean " + near + "?").orElse("");
  }

  public static <T> Optional<T> wrong(String path, JsonNode value, String expected, Faults faults) {
    faults.add(path, shown(value) + " (expected: " + expected + ")");
    return Optional.empty();
  }

  private static <T> FieldType<T> parsed(String expected, Function<String, T> parser) {
    return (path, value, faults) -> {
      try {
        return Optional.of(parser.apply(value.isTextual() ? value.textValue() : ""));
      } catch (IllegalArgumentException e) {
        return wrong(path, value, expected, faults);
      }
    };
  }

  private static String shown(JsonNode value) {
    if (value.isArray()) {
      return "a list";
    }
    if (value.isObject()) {
      return "an object";
    }
    return Faults.shown(value.isTextual() ? "\"" + value.textValue() + "\"" : value.asText());
  }

  private static boolean isLabel(String text, int longest) {
    return text.length() <= longest && text.chars().noneMatch(Character::isISOControl);
  }

  private static boolean isUnicode(String text) {
    return text.codePoints().noneMatch(point -> Character.getType(point) == Character.SURROGATE);
  }
}

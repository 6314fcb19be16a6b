package io.gatehouse.core.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The values that were set and can be read. A value that cannot be read becomes a fault, and counts as not set from
 * then on, so that the faults of the rest can still be found.
 */
final class Values {

  private static final Pattern CREDENTIALS = Pattern.compile("//[^/@]*@");
  private static final int LONGEST_SHOWN = 80;

  private final Map<String, String> environment;
  private final List<Fault> faults;
  private final Map<String, Value> values = new LinkedHashMap<>();
  private final Set<String> faulty = new HashSet<>();
  private final Set<String> empty = new HashSet<>();

  private record Value(String text, Origin origin) {}

  Values(Map<String, String> environment, List<Fault> faults) {
    this.environment = environment;
    this.faults = faults;
  }

  /** Reads a value. An empty text, where one can be read at all, says nothing. */
  void add(Given given) {
    boolean sequence = given.form() == Given.Form.SEQUENCE;
    List<String> texts = new ArrayList<>();
    for (Given.Text one : given.texts()) {
      filled(one, given.form())
          .filter(text -> readable(given.setting(), text, sequence, one))
          .ifPresentOrElse(texts::add, () -> faulty.add(given.path()));
    }
    String text = String.join(given.setting().type().shape().separator, texts);
    if (text.isEmpty()) {
      empty.add(given.path());
    } else if (!faulty.contains(given.path())) {
      values.put(given.path(), new Value(text, given.origin()));
    }
  }

  /**
   * These values, but at the paths of some settings those of others, set or not.
   *
   * @param faults where what is found wrong with them goes
   */
  Values with(Values others, List<Setting<?>> some, List<Fault> faults) {
    var joined = new Values(environment, faults);
    joined.values.putAll(values);
    joined.empty.addAll(empty);
    for (Setting<?> setting : some) {
      String path = setting.path();
      joined.values.remove(path);
      joined.empty.remove(path);
      Value value = others.values.get(path);
      if (value != null) {
        joined.values.put(path, value);
      } else if (others.empty.contains(path)) {
        joined.empty.add(path);
      }
    }
    return joined;
  }

  /** Takes note that what stands at a path is no value. */
  void addUnreadable(String path) {
    faulty.add(path);
  }

  /** Sets what follows from another value. */
  void derive(Setting<?> setting, String text, Setting<?> from) {
    values.put(setting.path(), new Value(text, origin(from.path())));
  }

  <T> T get(Setting<T> setting) {
    return get(setting, setting.path());
  }

  /** The value at a path, or the default of its setting. */
  <T> T get(Setting<T> setting, String path) {
    Value value = values.get(path);
    return read(setting, value == null ? fallback(setting) : value.text());
  }

  boolean isSet(String path) {
    return values.containsKey(path);
  }

  /** Whether an empty text was said of a path. */
  boolean isEmptied(String path) {
    return empty.contains(path);
  }

  /** Whether what was said of a path, if anything, can be read. */
  boolean isSound(String path) {
    return faulty.stream().noneMatch(other -> path.equals(other) || path.startsWith(other + "."));
  }

  /** Whether anything, readable or not, was said of a path or below it. */
  boolean isMentioned(String path) {
    return Stream.concat(values.keySet().stream(), faulty.stream())
        .anyMatch(other -> other.equals(path) || other.startsWith(path + "."));
  }

  Origin origin(String path) {
    Value value = values.get(path);
    return value == null ? Origin.DEFAULT : value.origin();
  }

  /** Whether a text is the content of a PEM file, which may be a private key. */
  static boolean isPem(String text) {
    return text.contains("-----BEGIN");
  }

  /** A text as it may stand in a message: not too long, without the password of an address, and no private key. */
  static String shown(String text) {
    if (isPem(text)) {
      return "the content of a PEM file";
    }
    String safe = CREDENTIALS.matcher(text).replaceAll("//" + Secret.MASK + "@");
    if (safe.isEmpty()) {
      return "an empty text";
    }
    return safe.length() > LONGEST_SHOWN ? safe.substring(0, LONGEST_SHOWN) + "..." : safe;
  }

  /** The defaults of a level hold together, and only while nothing is said of it. */
  private String fallback(Setting<?> setting) {
    boolean spoken = setting.type().reads("")
        && Catalog.LEVELS.stream().anyMatch(level -> level.rules().all().contains(setting) && isSpokenOf(level));
    return spoken ? "" : Objects.requireNonNull(setting.fallback(), setting.path());
  }

  private boolean isSpokenOf(Catalog.Level level) {
    return Stream.concat(values.keySet().stream(), faulty.stream())
        .filter(path -> !path.equals(level.rules().shadow().path()))
        .anyMatch(path -> path.equals(level.path()) || path.startsWith(level.path() + "."));
  }

  private Optional<String> filled(Given.Text text, Given.Form form) {
    try {
      return Optional.of(form == Given.Form.LITERAL ? text.text() : Placeholders.fill(text.text(), environment));
    } catch (BadValue e) {
      faults.add(text.origin().fault(text.path(), e.expected(), e.hint()));
      return Optional.empty();
    }
  }

  private boolean readable(Setting<?> setting, String text, boolean element, Given.Text from) {
    try {
      if (element && (text.contains(setting.type().shape().separator) || text.isEmpty())) {
        throw new BadValue(setting.type().expected()); // an element must not turn into two, or into none
      }
      setting.type().read(text);
      return true;
    } catch (BadValue e) {
      String found = setting.type().shape() == Type.Shape.SECRET ? text.length() + " characters" : shown(text);
      faults.add(from.origin().fault(from.path(), found + " (expected: " + e.expected() + ")", e.hint()));
      return false;
    }
  }

  private static <T> T read(Setting<T> setting, String text) {
    try {
      return setting.type().read(text);
    } catch (BadValue e) {
      throw new IllegalStateException(setting.path() + " was not checked", e);
    }
  }
}

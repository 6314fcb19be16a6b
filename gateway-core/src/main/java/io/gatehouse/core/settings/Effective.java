package io.gatehouse.core.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The settings that hold, and where each comes from. Immutable; its text holds no secret. */
public final class Effective {

  private final Settings settings;
  private final List<Value> shown;
  private final Values values;
  private final Map<String, List<Origin>> elements;

  /**
   * One setting.
   *
   * @param path {@code backends[0].url}
   * @param yaml its value as a file would write it, on one line; {@value Secret#MASK} in quotes for a secret
   * @param origin {@code default}, {@code gatehouse.yaml:3}, or {@code env GATEHOUSE_SERVER_PORT}
   */
  public record Value(String path, String yaml, String origin) {}

  /** @param elements where the elements of each list begin */
  private Effective(Settings settings, Values values, Map<String, List<Origin>> elements) {
    this.settings = settings;
    this.shown = List.copyOf(values(values, elements));
    this.values = values;
    this.elements = elements;
  }

  /**
   * Binds values that were read.
   *
   * @param faults what is found wrong with them is added
   * @throws SettingsException when there is any fault
   */
  static Effective of(Values values, Map<String, List<Origin>> elements, List<Fault> faults) {
    Settings settings = new Binder(values, elements, faults).settings();
    if (!faults.isEmpty()) {
      faults.sort(Comparator.comparing((Fault fault) -> fault.line() == 0)
          .thenComparing(Fault::line).thenComparing(Fault::column).thenComparing(Fault::source));
      throw new SettingsException(faults);
    }
    return new Effective(settings, values, elements);
  }

  public Settings settings() {
    return settings;
  }

  /** Every setting that has a value, in the order of the documentation. */
  public List<Value> values() {
    return shown;
  }

  /**
   * These settings, but for those that only a restart can change: they are as in settings that run.
   *
   * @throws SettingsException when what is new cannot be together with what only a restart can change
   */
  public Effective within(Effective running) {
    List<Fault> faults = new ArrayList<>();
    Values joined = values.with(running.values, Catalog.atRestart(), faults);
    return of(joined, elements, faults);
  }

  /** The paths that have another value in other settings, elements of lists one by one, in the order of the documentation. */
  List<String> differences(Effective other) {
    List<String> paths = new ArrayList<>();
    for (Setting<?> setting : Catalog.all()) {
      Optional<String> list = Catalog.listOf(setting);
      if (list.isEmpty()) {
        addIfDifferent(setting, setting.path(), other, paths);
      } else {
        int mine = elements.get(list.get()).size();
        int theirs = other.elements.get(list.get()).size();
        for (int i = 0; i < Math.max(mine, theirs); i++) {
          if (i < mine && i < theirs) {
            addIfDifferent(setting, setting.at(i), other, paths);
          } else if (setting.fallback() == null) {
            paths.add(setting.at(i)); // of an element that came or went, what it has to have is enough
          }
        }
      }
    }
    return paths;
  }

  private void addIfDifferent(Setting<?> setting, String path, Effective other, List<String> paths) {
    if (!values.get(setting, path).equals(other.values.get(setting, path))) {
      paths.add(path);
    }
  }

  @Override
  public String toString() {
    return "Effective[" + settings + "]";
  }

  /** @param elements where the elements of each list begin */
  private static List<Value> values(Values values, Map<String, List<Origin>> elements) {
    List<Value> all = new ArrayList<>();
    Set<String> told = new HashSet<>();
    for (Setting<?> setting : Catalog.all()) {
      Optional<String> list = Catalog.listOf(setting);
      if (list.isEmpty()) {
        add(setting, setting.path(), values, all);
      } else if (told.add(list.get())) {
        List<Setting<?>> members =
            Catalog.all().stream().filter(each -> Catalog.listOf(each).equals(list)).toList();
        for (int i = 0; i < elements.get(list.get()).size(); i++) {
          for (Setting<?> member : members) {
            add(member, member.at(i), values, all);
          }
        }
      }
    }
    return all;
  }

  private static <T> void add(Setting<T> setting, String path, Values values, List<Value> all) {
    boolean ofAbsentRedis = path.startsWith("redis.") && !values.isSet(Catalog.REDIS_ADDR.path());
    String text = setting.type().write(values.get(setting, path));
    boolean shown = !text.isEmpty() || !setting.type().shape().separator.isEmpty();
    if (shown && !ofAbsentRedis && !isOfNoLimits(setting, path, values)) {
      all.add(new Value(path, Yaml.of(setting.type().shape(), text), values.origin(path).toString()));
    }
  }

  /** Whether a setting says how to count and there is nothing to count. */
  private static boolean isOfNoLimits(Setting<?> setting, String path, Values values) {
    Optional<Catalog.Rules> rules = Catalog.RULES.stream()
        .filter(each -> setting == each.algorithm() || setting == each.shadow()).findFirst();
    return rules.isPresent()
        && rules.get().windows().stream().allMatch(window -> values.get(window, beside(path, window)).isEmpty())
        && (setting == rules.get().algorithm()
            || values.get(rules.get().concurrent(), beside(path, rules.get().concurrent())).isEmpty());
  }

  /** The path of another setting of the same group. */
  private static String beside(String path, Setting<?> other) {
    return path.substring(0, path.lastIndexOf('.')) + other.path().substring(other.path().lastIndexOf('.'));
  }
}

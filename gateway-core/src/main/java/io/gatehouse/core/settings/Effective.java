package io.gatehouse.core.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings that hold, and where each comes from.
 *
 * @param values every setting that has a value, in the order of the documentation
 */
public record Effective(Settings settings, List<Value> values) {

  /**
   * One setting.
   *
   * @param path {@code backends[0].url}
   * @param yaml its value as a file would write it, on one line; {@value Secret#MASK} in quotes for a secret
   * @param origin {@code default}, {@code gatehouse.yaml:3}, or {@code env GATEHOUSE_SERVER_PORT}
   */
  public record Value(String path, String yaml, String origin) {}

  public Effective {
    values = List.copyOf(values);
  }

  /** @param elements where the elements of each list begin */
  static List<Value> values(Values values, Map<String, List<Origin>> elements) {
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

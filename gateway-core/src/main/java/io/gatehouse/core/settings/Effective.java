package io.gatehouse.core.settings;

import java.util.ArrayList;
import java.util.List;

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

  static List<Value> values(Values values, int backends) {
    List<Value> all = new ArrayList<>();
    for (Setting<?> setting : Catalog.all()) {
      if (!setting.path().startsWith(Catalog.BACKENDS)) {
        add(setting, setting.path(), values, all);
      } else if (setting == Catalog.BACKEND_URL) {
        for (int i = 0; i < backends; i++) {
          add(Catalog.BACKEND_URL, Catalog.BACKEND_URL.at(i), values, all);
          add(Catalog.BACKEND_WEIGHT, Catalog.BACKEND_WEIGHT.at(i), values, all);
          add(Catalog.BACKEND_INTERVAL, Catalog.BACKEND_INTERVAL.at(i), values, all);
        }
      }
    }
    return all;
  }

  private static <T> void add(Setting<T> setting, String path, Values values, List<Value> all) {
    boolean ofAbsentRedis = path.startsWith("redis.") && !values.isSet(Catalog.REDIS_ADDR.path());
    String text = setting.type().write(values.get(setting, path));
    boolean shown = !text.isEmpty() || setting.type().shape() == Type.Shape.LIST;
    boolean ofNoLimits = Catalog.LEVELS.stream()
        .anyMatch(level -> setting == level.shadow() && values.isSet(level.off().path()));
    if (shown && !ofAbsentRedis && !ofNoLimits) {
      all.add(new Value(path, Yaml.of(setting.type().shape(), text), values.origin(path).toString()));
    }
  }
}

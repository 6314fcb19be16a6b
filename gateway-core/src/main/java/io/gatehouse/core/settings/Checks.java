package io.gatehouse.core.settings;

import java.util.List;
import java.util.Map;

/** What is asked of the elements of any list, and where faults go. */
final class Checks {

  private final Values values;
  private final List<Fault> faults;

  /** @param faults is added to */
  Checks(Values values, List<Fault> faults) {
    this.values = values;
    this.faults = faults;
  }

  void fault(String path, Origin origin, String message, String hint) {
    faults.add(origin.fault(path, message, hint));
  }

  /** Whether a setting that has no default was made in an element; a fault if nothing was said of it. */
  boolean require(Setting<?> setting, int index, List<Origin> begins) {
    String path = setting.at(index);
    if (!values.isSet(path) && values.isSound(path)) {
      fault(path, begins.get(index), "missing (expected: " + setting.type().expected() + ")", "");
    }
    return values.isSet(path);
  }

  /**
   * The name at a path; a fault if an element before has the same.
   *
   * @param seen the names so far, and their paths; is added to
   */
  String requireUnique(Setting<String> setting, String path, Map<String, String> seen) {
    String name = values.get(setting, path);
    String first = seen.putIfAbsent(name, path);
    if (first != null) {
      fault(path, values.origin(path), name + " (expected: a name of its own)", "the same as " + first);
    }
    return name;
  }
}

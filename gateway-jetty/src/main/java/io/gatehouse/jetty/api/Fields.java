package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One object of the input while it is read: what cannot be read, is missing, or is not known becomes a fault.
 * For one thread. Values may be used after {@link Faults#check} has passed.
 */
public final class Fields {

  private final String prefix;
  private final JsonNode object;
  private final Faults faults;

  private Fields(String prefix, JsonNode object, Faults faults) {
    this.prefix = prefix;
    this.object = object;
    this.faults = faults;
  }

  /**
   * Begins to read an object.
   *
   * @param path how the object is called in messages; empty for the whole document
   * @param names all that it may hold
   */
  public static Fields of(String path, JsonNode object, Faults faults, List<String> names) {
    String prefix = path.isEmpty() ? "" : path + ".";
    if (!object.isObject()) {
      FieldTypes.wrong(path, object, "an object", faults);
    }
    object.fieldNames().forEachRemaining(
        name -> {
          if (!names.contains(name)) {
            String hint = FieldTypes.hint(name, names);
            faults.add(
                prefix + Faults.shown(name),
                "unknown (" + (hint.isEmpty() ? "expected: " + expected(names) : hint) + ")");
          }
        });
    return new Fields(prefix, object, faults);
  }

  /** A value, or empty when there is none or it cannot be read. */
  public <T> Optional<T> get(String name, FieldType<T> type) {
    JsonNode value = object.get(name);
    return value == null ? Optional.empty() : type.read(prefix + name, value, faults);
  }

  /** A value that has to be there. */
  public <T> Optional<T> require(String name, FieldType<T> type) {
    if (object.isObject() && !object.has(name)) {
      faults.add(prefix + name, "missing");
    }
    return get(name, type);
  }

  /** A value that null takes away: the new one, none after null, or {@code current} when nothing is said. */
  public <T> Optional<T> clearable(String name, FieldType<T> type, Optional<T> current) {
    JsonNode value = object.get(name);
    if (value == null) {
      return current;
    }
    return value.isNull() ? Optional.empty() : type.read(prefix + name, value, faults);
  }

  /** Whether something is said of a field. */
  public boolean says(String name) {
    return object.has(name);
  }

  /** Whether a field is said to have no value. */
  public boolean saysNull(String name) {
    return object.path(name).isNull();
  }

  /** All that is a text, in the order in which it was said. */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }

  private static String expected(List<String> names) {
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }
}

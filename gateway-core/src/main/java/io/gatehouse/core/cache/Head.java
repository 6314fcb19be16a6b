package io.gatehouse.core.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Status and fields of an answer, in the order received, without those of one connection. Immutable.
 *
 * @param status 200 to 599
 */
public record Head(int status, List<Field> fields) {

  /** A field; names compare without case. */
  public record Field(String name, String value) {
    public Field {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
    }
  }

  public Head {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 200 to 599)");
    }
    fields = List.copyOf(fields);
  }

  /** The first value of a field; null when it is absent. */
  public @Nullable String first(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }

  /** All values of a field, with commas between them; null when it is absent. */
  public @Nullable String joined(String name) {
    String joined = null;
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        joined = joined == null ? field.value() : joined + ", " + field.value();
      }
    }
    return joined;
  }

  boolean has(String name) {
    return first(name) != null;
  }

  /** The same without the fields of a name, and with one of that name. */
  Head with(String name, String value) {
    List<Field> changed = new ArrayList<>(fields.size() + 1);
    for (Field field : fields) {
      if (!field.name().equalsIgnoreCase(name)) {
        changed.add(field);
      }
    }
    changed.add(new Field(name, value));
    return new Head(status, changed);
  }

  /** Only the fields of these names, in lower case. */
  public Head only(Set<String> names) {
    return new Head(
        status, fields.stream().filter(field -> names.contains(field.name().toLowerCase(Locale.ROOT))).toList());
  }

  /** How many characters it has. */
  long size() {
    long size = 0;
    for (Field field : fields) {
      size += field.name().length() + field.value().length();
    }
    return size;
  }
}

package io.gatehouse.jetty.proxy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/**
 * What becomes of the fields of messages that pass. Fields that belong to one connection or say how a message is framed
 * are out of its reach. Immutable.
 *
 * @param set fields and their values, in place of any that are there, in this order
 * @param removed names of fields that do not pass, whatever their case; a hyphen stands for an underscore as well, since
 *     backends of the CGI kind see no difference. Those of the fields that are set are among them
 */
public record FieldRules(Map<String, String> set, Set<String> removed) {

  /** All fields pass as they are. */
  public static final FieldRules NONE = new FieldRules(Map.of(), Set.of());

  public FieldRules {
    set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
    removed = Stream.concat(set.keySet().stream(), removed.stream())
        .map(Fields::plain).collect(Collectors.toUnmodifiableSet());
    set.forEach((name, value) -> {
      if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c > '~')) {
        throw new IllegalArgumentException(name + ": a value of other characters (expected: visible ASCII)");
      }
    });
    removed.forEach(name -> {
      if (!Fields.token(name) || Fields.untouchable(name)) {
        throw new IllegalArgumentException(name + " (expected: the name of a field that may be changed)");
      }
    });
  }

  /** Without the values, which may be credentials. */
  @Override
  public String toString() {
    return "FieldRules[set=" + set.keySet() + ", removed=" + removed + "]";
  }

  /** Whether a field that is there does not pass as it is. */
  boolean drops(String name) {
    return !removed.isEmpty() && removed.contains(Fields.plain(name));
  }

  /** The fields without those that do not pass, and with those that are set. */
  HttpFields on(HttpFields fields) {
    if (removed.isEmpty()) {
      return fields;
    }
    HttpFields.Mutable changed = HttpFields.build();
    for (HttpField field : fields) {
      if (!drops(field.getName())) {
        changed.add(field);
      }
    }
    set.forEach(changed::add);
    return changed;
  }
}

package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.function.Function;

/** Reads one value of the input. Immutable. */
@FunctionalInterface
public interface FieldType<T> {

  /**
   * Reads a value.
   *
   * @param path how the value is called in messages: {@code limits[1].period}
   * @return empty after what is wrong was added to the faults
   */
  Optional<T> read(String path, JsonNode value, Faults faults);

  /** The same, given on in another form. */
  default <R> FieldType<R> map(Function<T, R> form) {
    return (path, value, faults) -> read(path, value, faults).map(form);
  }
}

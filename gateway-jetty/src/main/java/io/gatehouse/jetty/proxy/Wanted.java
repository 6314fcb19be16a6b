package io.gatehouse.jetty.proxy;

import io.gatehouse.Dispatch;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/** The fields by which a backend chooses among answers, where a gate has said what it gets of them. */
final class Wanted {

  /** Hints with the names that they had before: a gate makes one of both. */
  private static final Map<String, String> HINTS = Map.of("Sec-CH-DPR", "DPR", "Sec-CH-Width", "Width");

  private Wanted() {}

  /**
   * The fields of a request as a gate has them.
   *
   * @param dispatch null when none has said anything
   */
  static HttpFields of(@Nullable Dispatch dispatch, HttpFields sent) {
    if (dispatch == null || dispatch.fields().isEmpty()) {
      return sent;
    }
    Set<String> replaced = dispatch.fields().keySet().stream().map(Fields::plain).collect(Collectors.toSet());
    HttpFields.Mutable fields = HttpFields.build();
    for (HttpField field : sent) {
      if (!replaced.contains(Fields.plain(field.getName()))) {
        fields.add(field);
      }
    }
    dispatch.fields().forEach((name, value) -> {
      if (!value.isEmpty()) {
        fields.add(name, value);
      }
    });
    return fields;
  }

  /** An answer that varies by a hint does so by both names under which the hint could have come. */
  static void vary(@Nullable Dispatch dispatch, HttpServletResponse response) {
    if (dispatch == null || dispatch.fields().isEmpty() || response.getHeader("Vary") == null) {
      return;
    }
    List<String> named = response.getHeaders("Vary").stream()
        .flatMap(value -> Arrays.stream(value.split(","))).map(String::strip).toList();
    HINTS.forEach((now, before) -> {
      boolean byNow = named.stream().anyMatch(now::equalsIgnoreCase);
      boolean byBefore = named.stream().anyMatch(before::equalsIgnoreCase);
      if (byNow != byBefore) {
        response.addHeader("Vary", byNow ? before : now);
      }
    });
  }
}

package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the query of a target. An unknown parameter is a fault: a switch without effect misleads. */
public final class Query {

  private Query() {}

  /**
   * The parameters, each a text.
   *
   * @param raw the query as received; null when there is none
   */
  public static Fields read(@Nullable String raw, List<String> names, Faults faults) {
    ObjectNode parameters = Json.object();
    for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
      int equals = pair.indexOf('=');
      try {
        String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
        String value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
        if (parameters.has(name)) {
          faults.add(Faults.shown(name), "twice in the query (expected: once)");
        }
        parameters.put(name, value);
      } catch (IllegalArgumentException e) {
        faults.add("", "the query has a bad percent-encoding (expected: %20 for a space)");
      }
    }
    return Fields.of("", parameters, faults, names);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}

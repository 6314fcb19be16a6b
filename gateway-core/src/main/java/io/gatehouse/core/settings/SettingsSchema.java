package io.gatehouse.core.settings;

import static io.gatehouse.core.settings.Types.ordered;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Describes the file as a JSON Schema (draft 2020-12), for editors that complete and check while one types. What only
 * shows between several settings is left to {@link SettingsReader}.
 */
public final class SettingsSchema {

  private static final Map<String, Object> PLACEHOLDER = Map.of("$ref", "#/$defs/placeholder");

  private SettingsSchema() {}

  /** The schema as text, the same for every call. */
  public static String json() {
    Map<String, Object> schema = ordered(
        "$schema", "https://json-schema.org/draft/2020-12/schema",
        "title", "Gatehouse",
        "description", "The settings of Gatehouse: gatehouse.yaml",
        "$defs", Map.of("placeholder", ordered(
            "type", "string",
            "pattern", "\\$\\{",
            "description", "Filled from the environment: ${NAME} or ${NAME:default}")));
    schema.putAll(group(""));
    var indenter = new DefaultIndenter("  ", "\n");
    var printer = new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try {
      return new JsonMapper().writer(printer).writeValueAsString(schema) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // maps of texts and numbers can be written
    }
  }

  private static Map<String, Object> group(String template) {
    Map<String, Object> members = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (String name : Catalog.namesBelow(template)) {
      String path = template.isEmpty() ? name : template + "." + name;
      members.put(name, member(path));
      if (Catalog.at(path).filter(setting -> setting.fallback() == null).isPresent()) {
        required.add(name);
      }
    }
    Map<String, Object> group = ordered("type", template.isEmpty() || template.endsWith("]") ? "object"
        : List.of("object", "null"), "additionalProperties", false, "properties", members);
    if (!required.isEmpty()) {
      group.put("required", required);
    }
    return group;
  }

  private static Map<String, Object> member(String path) {
    if (Catalog.LISTS.contains(path)) {
      return ordered("type", List.of("array", "null"), "items", group(path + "[]"));
    }
    if (!Catalog.isGroup(path)) {
      return setting(Catalog.at(path).orElseThrow());
    }
    return Catalog.at(path).isEmpty() ? group(path) : ordered(
        "description", Catalog.at(path).orElseThrow().meaning(),
        "anyOf", List.of(Map.of("const", "none"), objectOnly(group(path))));
  }

  private static Map<String, Object> objectOnly(Map<String, Object> group) {
    group.put("type", "object");
    return group;
  }

  private static Object json(String text) {
    if (text.matches("[0-9]+")) {
      return Long.parseLong(text);
    }
    return text.matches("true|false") ? Boolean.valueOf(text) : text;
  }

  private static Map<String, Object> setting(Setting<?> setting) {
    Map<String, Object> schema = ordered("description", setting.meaning());
    if (setting.fallback() != null && !setting.fallback().isEmpty()) {
      schema.put("default", json(setting.fallback()));
    }
    schema.put("anyOf", List.of(setting.type().schema(), PLACEHOLDER));
    return schema;
  }
}

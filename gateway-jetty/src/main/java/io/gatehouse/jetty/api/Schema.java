package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a value of a document may be, as JSON Schema 2020-12 says it: the dialect of OpenAPI 3.1. Immutable.
 *
 * @param json the schema; not to be changed
 */
public record Schema(ObjectNode json) {

  private static final String COMPONENTS = "#/components/schemas/";

  /** What is described elsewhere, by its name. */
  public static Schema ref(String name) {
    return new Schema(Json.object().put("$ref", COMPONENTS + name));
  }

  public static Schema text() {
    return type("string");
  }

  /** A text of some form: {@code date-time}, {@code uri}. */
  public static Schema text(String format) {
    return text().with("format", format);
  }

  /** A text that matches. */
  public static Schema pattern(String pattern) {
    return text().with("pattern", pattern);
  }

  public static Schema bool() {
    return type("boolean");
  }

  public static Schema number() {
    return type("number");
  }

  /** A whole number of 64 bits, both ends included. */
  public static Schema count(long least, long most) {
    Schema schema = type("integer").with("format", "int64");
    schema.json.put("minimum", least).put("maximum", most);
    return schema;
  }

  /** A whole number, 0 or more. */
  public static Schema count() {
    return count(0, Long.MAX_VALUE);
  }

  /** The name of a constant. */
  public static Schema choice(Class<? extends Enum<?>> of) {
    return choice(Arrays.stream(of.getEnumConstants()).map(FieldTypes::nameOf).toArray(String[]::new));
  }

  public static Schema choice(String... names) {
    Schema schema = text();
    ArrayNode choices = schema.json.putArray("enum");
    List.of(names).forEach(choices::add);
    return schema;
  }

  public static Schema list(Schema element) {
    Schema schema = type("array");
    schema.json.set("items", element.json);
    return schema;
  }

  /** A list of so many elements at the most. */
  public static Schema list(Schema element, int most) {
    Schema schema = list(element);
    schema.json.put("maxItems", most);
    return schema;
  }

  /** Whatever can be said. */
  public static Schema value() {
    return new Schema(Json.object());
  }

  /** An object with any fields. */
  public static Schema anything() {
    return type("object");
  }

  /** An object of so many texts at the most, whatever they are called. */
  public static Schema texts(int most) {
    Schema schema = anything();
    schema.json.set("additionalProperties", text().json);
    schema.json.put("maxProperties", most);
    return schema;
  }

  /** An object of counts, whatever they are called. */
  public static Schema counts() {
    Schema schema = anything();
    schema.json.set("additionalProperties", count().json);
    return schema;
  }

  /** Server-sent events, whose data are documents: of which form, by the name of the event. */
  public static Schema events(Map<String, Schema> data) {
    ObjectNode json = text().json.put("contentMediaType", "text/event-stream");
    ObjectNode events = json.putObject("x-events");
    new TreeMap<>(data).forEach((name, schema) -> events.set(name, schema.json));
    return new Schema(json);
  }

  /** An object of named fields, to which fields are added by {@link #has} and {@link #may}; it has no others. */
  public static Schema object() {
    Schema schema = type("object");
    schema.json.putObject("properties");
    schema.json.putArray("required");
    schema.json.put("additionalProperties", false);
    return schema;
  }

  /** The same with a field that has to be there. */
  public Schema has(String name, Schema field) {
    Schema more = may(name, field);
    more.json.withArray("/required").add(name);
    return more;
  }

  /** The same with a field that may be there. */
  public Schema may(String name, Schema field) {
    Schema more = new Schema(json.deepCopy());
    more.json.withObject("/properties").set(name, field.json);
    return more;
  }

  /** The same, or null. */
  public Schema orNull() {
    if (json.has("$ref")) {
      ObjectNode either = Json.object();
      either.putArray("anyOf").add(json).addObject().put("type", "null");
      return new Schema(either);
    }
    ObjectNode more = json.deepCopy();
    String type = more.get("type").textValue();
    more.putArray("type").add(type).add("null");
    if (more.has("enum")) {
      more.withArray("/enum").addNull();
    }
    return new Schema(more);
  }

  /** The same with a sentence for people. */
  public Schema saying(String description) {
    return with("description", description);
  }

  private Schema with(String name, String value) {
    ObjectNode more = json.deepCopy();
    more.put(name, value);
    return new Schema(more);
  }

  private static Schema type(String name) {
    return new Schema(Json.object().put("type", name));
  }
}

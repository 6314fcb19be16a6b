package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A collection for Postman (format 2.1.0), made of an OpenAPI document: a folder for each tag, a request for each operation. */
final class PostmanCollection {

  private static final ObjectMapper JSON = new ObjectMapper();

  private PostmanCollection() {}

  static ObjectNode of(ObjectNode document) throws Exception {
    ObjectNode collection = JSON.createObjectNode();
    collection.putObject("info")
        .put("name", document.path("info").path("title").asText())
        .put("schema", "https://schema.getpostman.com/json/collection/v2.1.0/collection.json");
    ObjectNode auth = collection.putObject("auth").put("type", "bearer");
    auth.putArray("bearer").addObject().put("key", "token").put("value", "{{token}}").put("type", "string");
    ArrayNode variables = collection.putArray("variable");
    variables.addObject().put("key", "gateway").put("value", "http://localhost:8080");
    variables.addObject().put("key", "token").put("value", "");
    variables.addObject().put("key", "apiKey").put("value", "");
    Map<String, ArrayNode> folders = new TreeMap<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        folders
            .computeIfAbsent(operation.getValue().path("tags").get(0).asText(), tag -> JSON.createArrayNode())
            .add(item(document, path.getKey(), operation.getKey(), operation.getValue()));
      }
    }
    ArrayNode items = collection.putArray("item");
    folders.forEach((tag, requests) -> items.addObject().put("name", tag).set("item", requests));
    return collection;
  }

  private static ObjectNode item(ObjectNode document, String path, String method, JsonNode operation) throws Exception {
    ObjectNode item = JSON.createObjectNode().put("name", operation.path("summary").asText());
    ObjectNode request = item.putObject("request").put("method", method.toUpperCase(Locale.ROOT));
    if (operation.path("security").path(0).has("apiKey")) {
      ArrayNode auth = request.putObject("auth").put("type", "apikey").putArray("apikey");
      auth.addObject().put("key", "key").put("value", "X-API-Key").put("type", "string");
      auth.addObject().put("key", "value").put("value", "{{apiKey}}").put("type", "string");
      auth.addObject().put("key", "in").put("value", "header").put("type", "string");
    }
    request.putArray("header");
    url(request.putObject("url"), path, operation.path("parameters"));
    JsonNode body = operation.path("requestBody").path("content").path("application/json").path("schema");
    if (!body.isMissingNode()) {
      request.withArray("/header").addObject().put("key", "Content-Type").put("value", "application/json");
      String example = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(example(document, body));
      request.putObject("body").put("mode", "raw").put("raw", example.replace(System.lineSeparator(), "\n"));
    }
    return item;
  }

  private static void url(ObjectNode url, String path, JsonNode parameters) {
    url.put("raw", "{{gateway}}" + path.replace("{id}", ":id"));
    url.putArray("host").add("{{gateway}}");
    ArrayNode segments = url.putArray("path");
    for (String segment : path.substring(1).split("/")) {
      segments.add(segment.equals("{id}") ? ":id" : segment);
    }
    ArrayNode query = url.putArray("query");
    ArrayNode variables = url.putArray("variable");
    for (JsonNode parameter : parameters) {
      if (parameter.path("in").asText().equals("path")) {
        variables.addObject().put("key", parameter.path("name").asText()).put("value", "");
      } else if (parameter.path("in").asText().equals("query")) {
        query.addObject()
            .put("key", parameter.path("name").asText())
            .put("value", "")
            .put("description", parameter.path("description").asText())
            .put("disabled", !parameter.path("required").asBoolean());
      }
    }
  }

  /** The simplest document that the schema allows; what need not be there is left out. */
  private static JsonNode example(ObjectNode document, JsonNode schema) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (schema.has("$ref")) {
      return example(document, document.at(schema.path("$ref").asText().substring(1)));
    }
    if (schema.has("enum")) {
      return schema.path("enum").get(0);
    }
    String type = schema.path("type").isArray() ? schema.path("type").get(0).asText() : schema.path("type").asText();
    return switch (type) {
      case "object" -> {
        ObjectNode object = nodes.objectNode();
        schema.path("required")
            .forEach(name -> object.set(
                name.asText(), example(document, schema.path("properties").path(name.asText()))));
        yield object;
      }
      case "array" -> nodes.arrayNode().add(example(document, schema.path("items")));
      case "integer" -> nodes.numberNode(schema.path("minimum").asLong());
      case "boolean" -> nodes.booleanNode(false);
      default -> nodes.textNode("");
    };
  }
}

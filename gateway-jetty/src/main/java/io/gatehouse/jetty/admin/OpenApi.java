package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.account.AccountOperations;
import io.gatehouse.jetty.account.AccountSchemas;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.Operation.Effect;
import io.gatehouse.jetty.api.Operation.Parameter;
import io.gatehouse.jetty.api.Repeats;
import io.gatehouse.jetty.api.Schema;
import io.gatehouse.jetty.api.Trail;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The OpenAPI 3.1 document of administration, made of the operations that are routed and the schemas that they name. */
final class OpenApi {

  /** Where it is served. */
  static final String PATH = AdminServlet.ROOT + "openapi.json";

  private static final String JSON = "application/json";
  private static final String EVENTS = "text/event-stream";
  private static final String PROBLEM = "application/problem+json";

  /** The scheme of operations that are not for administrators. */
  private static final String API_KEY = "apiKey";

  /** Documents of which nothing has to be said. */
  private static final Set<String> OPTIONAL = Set.of("Rotation", "OwnKeyToAdd");

  private OpenApi() {}

  /** Those of administration, and what tenants can ask with their keys. */
  static List<Operation> operations() {
    return Stream.concat(Operations.ALL.stream(), AccountOperations.ALL.stream()).toList();
  }

  static ObjectNode document() {
    ObjectNode document = Json.object().put("openapi", "3.1.0");
    document.putObject("info")
        .put("title", "Gatehouse administration")
        .put("version", "1")
        .put("summary", "Users, keys, limits, quotas, usage and backends of a Gatehouse gateway, and what tenants see of theirs.")
        .putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
    document.putArray("servers").addObject().put("url", "/");
    document.putArray("security").addObject().putArray("token");
    ArrayNode tags = document.putArray("tags");
    new TreeSet<>(operations().stream().map(OpenApi::tag).toList()).forEach(tag -> tags.addObject().put("name", tag));
    ObjectNode paths = document.putObject("paths");
    for (Operation operation : operations()) {
      String path = AdminServlet.ROOT + operation.path();
      ObjectNode item = paths.has(path) ? (ObjectNode) paths.get(path) : paths.putObject(path);
      item.set(operation.method().toLowerCase(Locale.ROOT), json(operation));
    }
    ObjectNode components = document.putObject("components");
    ObjectNode schemas = components.putObject("schemas");
    Schemas.ALL.forEach((name, schema) -> schemas.set(name, schema.json()));
    AccountSchemas.ALL.forEach((name, schema) -> schemas.set(name, schema.json()));
    ObjectNode security = components.putObject("securitySchemes");
    security.putObject("token").put("type", "http").put("scheme", "bearer");
    security.putObject(API_KEY).put("type", "apiKey").put("in", "header").put("name", "X-API-Key");
    return document;
  }

  private static ObjectNode json(Operation operation) {
    ObjectNode json = Json.object()
        .put("operationId", operation.id())
        .put("summary", operation.summary());
    json.putArray("tags").add(tag(operation));
    if (operation.permission().isPresent()) {
      json.putArray("security").addObject().putArray(API_KEY);
      json.put("x-permission", operation.permission().get());
    } else {
      ArrayNode roles = json.putArray("x-roles");
      operation.roles().stream().sorted().map(FieldTypes::nameOf).forEach(roles::add);
    }
    parameters(json.putArray("parameters"), operation);
    operation.body().ifPresent(schema -> {
      ObjectNode body = json.putObject("requestBody").put("required", !OPTIONAL.contains(schema));
      content(body, JSON, schema);
    });
    answers(json.putObject("responses"), operation);
    return json;
  }

  private static String tag(Operation operation) {
    String path = operation.path();
    return path.indexOf('/') < 0 ? path : path.substring(0, path.indexOf('/'));
  }

  private static void parameters(ArrayNode list, Operation operation) {
    if (operation.hasId()) {
      list.addObject()
          .put("name", "id")
          .put("in", "path")
          .put("required", true)
          .set("schema", Schema.text().json());
    }
    for (Parameter parameter : operation.parameters()) {
      list.addObject()
          .put("name", parameter.name())
          .put("in", "query")
          .put("required", parameter.required())
          .put("description", parameter.description())
          .set("schema", parameter.schema().json());
    }
    if (operation.effect() == Effect.CHANGES) {
      list.addObject()
          .put("name", "dryRun")
          .put("in", "query")
          .put("description", "True: tells what would be, and changes nothing.")
          .set("schema", Schema.bool().json());
      header(list, "If-Match", "The ETag of what the change is meant for.");
      if (operation.method().equals("POST")) {
        header(list, Repeats.FIELD, "A word for this request, so that it is made once even if it is sent again.");
      }
    }
  }

  private static void header(ArrayNode list, String name, String description) {
    list.addObject()
        .put("name", name)
        .put("in", "header")
        .put("description", description)
        .set("schema", Schema.text().json());
  }

  private static void answers(ObjectNode responses, Operation operation) {
    new TreeMap<>(operation.answers()).forEach((status, schema) -> {
      ObjectNode answer = responses.putObject(status.toString()).put("description", description(status));
      if (!schema.isEmpty()) {
        content(answer, operation.effect() == Effect.TELLS ? EVENTS : JSON, schema);
      }
    });
    if (operation.effect() == Effect.CHANGES) {
      // As a range where a change has another status: generators take the lowest for what the operation gives.
      ObjectNode answer = responses.has("200")
          ? (ObjectNode) responses.get("200")
          : responses.putObject("2XX").put("description", "Of a dry run: 200.");
      content(answer, Trail.DRY_RUN, "DryRun");
    }
    ObjectNode problem = responses.putObject("default").put("description", "A problem: " + problems(operation) + ".");
    content(problem, PROBLEM, "Problem");
  }

  private static void content(ObjectNode json, String type, String schema) {
    json.withObject("/content").putObject(type).set("schema", Schema.ref(schema).json());
  }

  private static String description(int status) {
    return switch (status) {
      case 200 -> "As asked for.";
      case 201 -> "Made.";
      case 202 -> "Taken note of.";
      case 204 -> "Gone.";
      default -> throw new IllegalArgumentException("status: " + status + " (expected: 200, 201, 202 or 204)");
    };
  }

  /** All types that it may have, as docs/problems.md explains them. */
  private static String problems(Operation operation) {
    TreeSet<String> types = new TreeSet<>(operation.problems());
    types.addAll(List.of("invalid-input", "store-unavailable", "internal-error"));
    types.addAll(operation.permission().isPresent()
        ? List.of(
            "key-missing", "key-malformed", "key-invalid", "key-disabled", "key-expired", "address-forbidden",
            "scope-missing", "rate-limit-exceeded", "abnormal-usage-detected", "temporary-reduced-capacity")
        : List.of("admin-token-invalid", "admin-failures-exceeded", "role-insufficient"));
    if (operation.hasId() || operation.effect() == Effect.CHANGES && operation.parameters().size() > 0) {
      types.add("not-found");
    }
    if (operation.effect() == Effect.CHANGES) {
      types.add("precondition-failed");
    }
    if (operation.effect() == Effect.CHANGES && operation.method().equals("POST")) {
      types.addAll(List.of("idempotency-key-reused", "request-in-progress"));
    }
    if (operation.effect() == Effect.ASKS || operation.effect() == Effect.CHANGES) {
      types.addAll(List.of("malformed-json", "unsupported-media-type", "content-too-large"));
    }
    return String.join(", ", types);
  }
}

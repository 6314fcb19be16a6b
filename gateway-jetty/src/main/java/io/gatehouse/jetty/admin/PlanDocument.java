package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Faults;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.plan.Plan;
import io.gatehouse.quota.Quota;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** How a plan is written as JSON: in the API, and in the files that the command line takes. Immutable. */
public final class PlanDocument {

  private static final List<String> NAMES = List.of("name", "title", "limits", "quotas", "scopes", "options");
  private static final FieldType<Set<String>> SCOPES = FieldTypes.list(FieldTypes.ROUTE, 100).map(Set::copyOf);

  private final FieldType<List<Limit>> limits;

  /**
   * A form of plans.
   *
   * @param concurrencyTimeout the period of limits of concurrent requests that come without one
   */
  public PlanDocument(Duration concurrencyTimeout) {
    this.limits = LimitRows.type(concurrencyTimeout);
  }

  /**
   * Reads a document that says its name.
   *
   * @throws IllegalArgumentException when it is not JSON or not a plan; the message has a line for each fault
   */
  public Plan read(String text) {
    Faults faults = new Faults();
    Fields fields = Fields.of("", parsed(text), faults, NAMES);
    String name = fields.require("name", FieldTypes.PLAN).orElse("");
    return read(name, fields, faults)
        .orElseThrow(() -> new IllegalArgumentException(String.join(System.lineSeparator(), faults.lines())));
  }

  private static JsonNode parsed(String text) {
    try {
      return Json.read(text);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new IllegalArgumentException("not JSON, at line " + line, e);
    }
  }

  /** The plan, as documents show it. */
  public static ObjectNode json(Plan plan) {
    ObjectNode json = Json.object().put("name", plan.name()).put("title", plan.title());
    ObjectNode levels = json.putObject("limits");
    put(levels, "user", plan.limitsOf(Level.USER));
    put(levels, "key", plan.limitsOf(Level.KEY));
    if (plan.quotas().isPresent()) {
      ArrayNode rows = json.putArray("quotas");
      plan.quotas().get().forEach(quota -> QuotaRows.addTo(rows, quota));
    } else {
      json.putNull("quotas");
    }
    ArrayNode scopes = json.putArray("scopes");
    plan.scopes().stream().sorted().forEach(scopes::add);
    ObjectNode options = json.putObject("options");
    new TreeMap<>(plan.options()).forEach(options::put);
    return json;
  }

  private static void put(ObjectNode levels, String name, Optional<List<Limit>> limits) {
    if (limits.isPresent()) {
      LimitRows.put(levels.putArray(name), limits.get());
    } else {
      levels.putNull(name);
    }
  }

  /** Reads the body of a call for the plan that its path names; it may say the same name. */
  Optional<Plan> read(String name, Call call) {
    Fields fields = call.body(NAMES.toArray(String[]::new));
    Optional<String> said = fields.get("name", FieldTypes.PLAN);
    if (said.isPresent() && !said.get().equals(name)) {
      call.faults().add("name", "\"" + said.get() + "\" (expected: that of the path, or none)");
    }
    return read(name, fields, call.faults());
  }

  /** Empty only when something was added to the faults. */
  private Optional<Plan> read(String name, Fields fields, Faults faults) {
    String title = fields.get("title", FieldTypes.PLAN_TITLE).orElse("");
    Optional<Map<Level, List<Limit>>> levels = fields.clearable("limits", this::levels, Optional.empty());
    Optional<List<Quota>> quotas = fields.clearable("quotas", QuotaRows.TYPE, Optional.empty());
    Set<String> scopes = fields.get("scopes", SCOPES).orElse(Set.of());
    Map<String, String> options = fields.get("options", PlanDocument::options).orElse(Map.of());
    return faults.lines().isEmpty()
        ? Optional.of(new Plan(name, title, levels.orElse(Map.of()), quotas, scopes, options))
        : Optional.empty();
  }

  private Optional<Map<Level, List<Limit>>> levels(String path, JsonNode value, Faults faults) {
    Fields fields = Fields.of(path, value, faults, List.of("user", "key"));
    Map<Level, List<Limit>> levels = new EnumMap<>(Level.class);
    fields.clearable("user", limits, Optional.empty()).ifPresent(list -> levels.put(Level.USER, list));
    fields.clearable("key", limits, Optional.empty()).ifPresent(list -> levels.put(Level.KEY, list));
    return Optional.of(levels);
  }

  private static Optional<Map<String, String>> options(String path, JsonNode value, Faults faults) {
    if (!value.isObject()) {
      return FieldTypes.wrong(path, value, "an object of texts", faults);
    }
    if (value.size() > Plan.MOST_OPTIONS) {
      faults.add(path, value.size() + " options (expected: at most " + Plan.MOST_OPTIONS + ")");
      return Optional.empty();
    }
    Map<String, String> options = new LinkedHashMap<>();
    value.fields().forEachRemaining(option -> {
      String name = path + "." + Faults.shown(option.getKey());
      if (!Plan.isName(option.getKey())) {
        faults.add(name, "a bad name (expected: 1 to 64 small letters, digits, ., _ and -)");
      }
      FieldTypes.OPTION.read(name, option.getValue(), faults).ifPresent(text -> options.put(option.getKey(), text));
    });
    return Optional.of(options);
  }
}

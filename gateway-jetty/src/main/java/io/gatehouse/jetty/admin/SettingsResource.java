package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gatehouse.core.settings.Changes;
import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.problem.Problem;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The settings in force, without secrets, and reading them again. */
final class SettingsResource {

  private static final ObjectMapper YAML = new YAMLMapper();

  private final Configuration configuration;

  SettingsResource(Configuration configuration) {
    this.configuration = configuration;
  }

  void addTo(Router router) {
    router.add("GET", AdminServlet.ROOT + "settings", this::settings);
    router.add("POST", AdminServlet.ROOT + "reload", this::reload);
  }

  private Answer settings(Call call) {
    call.check();
    Configuration.State state = configuration.state();
    Set<String> waiting = new HashSet<>(state.lastRead().atRestart());
    ObjectNode body = Json.object()
        .put("loaded_at", state.loadedAt().toString())
        .put("last_reload_successful", state.successful());
    names(body.putArray("waiting_for_restart"), state.lastRead().atRestart());
    ArrayNode rows = body.putArray("settings");
    for (Effective.Value value : state.inForce().values()) {
      ObjectNode row = rows.addObject().put("path", value.path());
      row.set("value", json(value.yaml()));
      row.put("origin", value.origin()).put("waiting_for_restart", waiting.contains(value.path()));
    }
    return Answer.ok(body);
  }

  private Answer reload(Call call) {
    call.bodyIfAny();
    call.check();
    Changes changes;
    try {
      changes = configuration.reload("the administrator");
    } catch (SettingsException e) {
      throw faulty(e.faults());
    }
    ObjectNode body = Json.object().put("loaded_at", configuration.state().loadedAt().toString());
    names(body.putArray("changed"), changes.atOnce());
    names(body.putArray("waiting_for_restart"), changes.atRestart());
    return Answer.ok(body);
  }

  private static ProblemException faulty(List<Fault> faults) {
    String detail = (faults.size() == 1 ? "One thing is" : faults.size() + " things are")
        + " wrong with the settings; those before stay in force.";
    return new ProblemException(
        Problem.of(409, "settings-faulty", "Faulty settings", detail)
            .with("errors", faults.stream().map(SettingsResource::fault).toList()));
  }

  private static Map<String, Object> fault(Fault fault) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("field", fault.path());
    row.put("detail", fault.message());
    row.put("source", fault.source());
    if (fault.line() > 0) {
      row.put("line", fault.line());
      row.put("column", fault.column());
    }
    if (!fault.hint().isEmpty()) {
      row.put("hint", fault.hint());
    }
    return row;
  }

  private static void names(ArrayNode array, List<String> names) {
    names.forEach(array::add);
  }

  private static JsonNode json(String yaml) {
    try {
      return YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a value was printed that is no YAML", e);
    }
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.settings.HealthCheckSettings;
import io.gatehouse.core.settings.RouteSettings;
import io.gatehouse.core.settings.RouteSettings.FieldChanges;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Pools;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Durations;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The routes in the order in which they are looked at, and the pools that they lead to, as this node has them. */
final class RoutesResource {

  private final Settings settings;
  private final Supplier<Pools> pools;

  RoutesResource(Settings settings, Supplier<Pools> pools) {
    this.settings = settings;
    this.pools = pools;
  }

  void addTo(Router router) {
    router.add("GET", AdminServlet.ROOT + "routes", this::list);
  }

  private Answer list(Call call) {
    call.check();
    ObjectNode body = Json.object();
    ArrayNode routes = body.putArray("routes");
    settings.routes().forEach(route -> routes.add(json(route)));
    ArrayNode all = body.putArray("pools");
    pools.get().all().forEach(entry -> all.add(json(entry)));
    return Answer.ok(body);
  }

  private static ObjectNode json(RouteSettings route) {
    ObjectNode json = Json.object()
        .put("name", route.name())
        .put("host", route.host().orElse(null))
        .put("path", route.path());
    ArrayNode methods = json.putArray("methods");
    route.methods().stream().sorted().forEach(methods::add);
    json.put("pool", route.pool())
        .put("limits", route.limits().orElse(null))
        .put("connect_timeout", Durations.text(route.timeouts().connect()))
        .put("response_timeout", Durations.text(route.timeouts().response()))
        .put("idle_timeout", Durations.text(route.timeouts().idle()))
        .put("total_timeout", Durations.text(route.timeouts().total()))
        .put("strip_prefix", route.stripPrefix())
        .put("add_prefix", route.addPrefix())
        .put("cache", route.cache().enabled());
    json.set("request_headers", json(route.request()));
    json.set("response_headers", json(route.response()));
    return json;
  }

  private static ObjectNode json(FieldChanges changes) {
    ObjectNode json = Json.object();
    ObjectNode set = json.putObject("set");
    changes.set().forEach(set::put);
    ArrayNode remove = json.putArray("remove");
    changes.remove().forEach(remove::add);
    return json;
  }

  private static ObjectNode json(Pools.Entry entry) {
    HealthCheckSettings check = entry.settings().healthCheck();
    List<Standing> standings = entry.pool().standings();
    ObjectNode json = Json.object()
        .put("pool", entry.name())
        .put("algorithm", lower(entry.settings().balancer().algorithm()).replace('_', '-'))
        .put("hash_key", entry.settings().balancer().hashKey())
        .put("answers", lower(entry.settings().balancer().outliers().answers()))
        .put("breaker", lower(entry.pool().breakerState()))
        .put("backends_total", standings.size())
        .put("backends_usable", standings.stream().filter(Standing::usable).count());
    json.putObject("health_check").put("path", check.path()).put("render_path", check.renderPath().orElse(null));
    return json;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.Window;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** How much a user may use: quotas of their own, or those of the configuration. */
final class QuotasResource {

  private static final String PATH = AdminServlet.ROOT + "users/{id}/quotas";

  private static final FieldType<Meter> METER = FieldTypes.choice(Meter.class);
  private static final FieldType<Window> WINDOW = FieldTypes.choice(Window.class);

  /** The numbers of every store are exact up to 2^53. */
  private static final FieldType<Long> MOST = FieldTypes.count(0, 1L << 53);

  private static final FieldType<List<Quota>> QUOTAS =
      FieldTypes.list(QuotasResource::quota, 2 * Meter.values().length * Window.values().length);

  private final QuotaAdmin quotas;
  private final List<Quota> defaults;
  private final KnownUsers users;

  QuotasResource(QuotaAdmin quotas, List<Quota> defaults, KnownUsers users) {
    this.quotas = quotas;
    this.defaults = defaults;
    this.users = users;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("PUT", PATH, this::replace);
    router.add("DELETE", PATH, this::reset);
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = json(users.require(call.id()).id());
    return Answer.ok(body).tagged(body);
  }

  private Answer replace(Call call) {
    String user = users.require(call.id()).id();
    Optional<List<Quota>> own = call.body("quotas").require("quotas", QUOTAS);
    own.ifPresent(list -> requireOnePerCount(list, call.faults()));
    call.check();
    call.expect(json(user));
    keep(user, own);
    ObjectNode body = json(user);
    return Answer.ok(body).tagged(body);
  }

  private Answer reset(Call call) {
    String user = users.require(call.id()).id();
    call.check();
    call.expect(json(user));
    keep(user, Optional.empty());
    return Answer.noContent();
  }

  private void keep(String user, Optional<List<Quota>> own) {
    try {
      quotas.replaceQuotas(user, own);
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
  }

  private static Optional<Quota> quota(String path, JsonNode value, Faults faults) {
    Fields fields = Fields.of(path, value, faults, List.of("meter", "window", "most", "shadow"));
    Optional<Meter> meter = fields.require("meter", METER);
    Optional<Window> window = fields.require("window", WINDOW);
    Optional<Long> most = fields.require("most", MOST);
    boolean shadow = fields.get("shadow", FieldTypes.BOOLEAN).orElse(false);
    return meter.isPresent() && window.isPresent() && most.isPresent()
        ? Optional.of(new Quota(meter.get(), window.get(), most.get())).map(it -> shadow ? it.asShadow() : it)
        : Optional.empty();
  }

  private static void requireOnePerCount(List<Quota> quotas, Faults faults) {
    Set<String> policies = new HashSet<>();
    for (int i = 0; i < quotas.size(); i++) {
      if (!policies.add(quotas.get(i).policy())) {
        faults.add(
            "quotas[" + i + "]", quotas.get(i).policy() + " again (expected: each meter and window once)");
      }
    }
  }

  private ObjectNode json(String user) {
    Optional<List<Quota>> own = quotas.quotasOf(user);
    ObjectNode json = Json.object().put("own", own.isPresent());
    ArrayNode rows = json.putArray("quotas");
    for (Quota quota : own.orElse(defaults)) {
      rows.addObject()
          .put("meter", quota.meter().name().toLowerCase(Locale.ROOT))
          .put("window", quota.window().name().toLowerCase(Locale.ROOT))
          .put("most", quota.most())
          .put("shadow", quota.isShadow());
    }
    return json;
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Enforcement;
import io.gatehouse.jetty.api.Faults;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How the quotas of one owner are written in documents: as a list, one for each count. */
final class QuotaRows {

  private static final FieldType<Meter> METER = FieldTypes.choice(Meter.class);
  private static final FieldType<Window> WINDOW = FieldTypes.choice(Window.class);
  private static final FieldType<Beyond> BEYOND = FieldTypes.choice(Beyond.class);

  /** The numbers of every store are exact up to 2^53. */
  private static final FieldType<Long> AMOUNT = FieldTypes.count(0, 1L << 53);

  private static final FieldType<List<Quota>> LIST =
      FieldTypes.list(QuotaRows::quota, 2 * Meter.values().length * Window.values().length);

  static final FieldType<List<Quota>> TYPE =
      (path, value, faults) -> {
        Optional<List<Quota>> quotas = LIST.read(path, value, faults);
        quotas.ifPresent(all -> requireOnePerCount(path, all, faults));
        return quotas;
      };

  private QuotaRows() {}

  private static Optional<Quota> quota(String path, JsonNode value, Faults faults) {
    Fields fields = Fields.of(path, value, faults, List.of("meter", "window", "most", "beyond", "cap", "shadow"));
    Optional<Meter> meter = fields.require("meter", METER);
    Optional<Window> window = fields.require("window", WINDOW);
    Optional<Long> most = fields.require("most", AMOUNT);
    Beyond beyond = fields.get("beyond", BEYOND).orElse(Beyond.HARD);
    Optional<Long> cap = fields.clearable("cap", AMOUNT, Optional.empty());
    boolean shadow = fields.get("shadow", FieldTypes.BOOLEAN).orElse(false);
    if (meter.isEmpty() || window.isEmpty() || most.isEmpty()) {
      return Optional.empty();
    }
    boolean stored = meter.get() == Meter.STORED_BYTES;
    String wrong = "";
    if (stored != (window.get() == Window.LIFETIME)) {
      wrong = "window";
      faults.add(path + ".window", FieldTypes.nameOf(window.get()) + " (expected: " + (stored ? "lifetime)" : "day or month)"));
    } else if (cap.isPresent() && (beyond != Beyond.OVERAGE || cap.get() < most.get())) {
      wrong = "cap";
      faults.add(path + ".cap", cap.get() + " (expected: most or more, and only with overage)");
    } else if (shadow && (stored || beyond != Beyond.HARD)) {
      wrong = "shadow";
      faults.add(path + ".shadow", "true (expected: false for stored_bytes, soft and overage)");
    }
    Enforcement enforcement = shadow ? Enforcement.SHADOW : Enforcement.ENFORCED;
    return wrong.isEmpty()
        ? Optional.of(
            new Quota(meter.get(), window.get(), most.get(), beyond, cap.orElse(Quota.UNCAPPED), enforcement))
        : Optional.empty();
  }

  private static void requireOnePerCount(String path, List<Quota> quotas, Faults faults) {
    Set<String> policies = new HashSet<>();
    for (int i = 0; i < quotas.size(); i++) {
      if (!policies.add(quotas.get(i).policy())) {
        faults.add(
            path + "[" + i + "]", quotas.get(i).policy() + " again (expected: each meter and window once)");
      }
    }
  }

  /** Adds a row, and gives it for what else is to be said of the quota. */
  static ObjectNode addTo(ArrayNode rows, Quota quota) {
    ObjectNode row = rows.addObject()
        .put("meter", FieldTypes.nameOf(quota.meter()))
        .put("window", FieldTypes.nameOf(quota.window()))
        .put("most", quota.most())
        .put("beyond", FieldTypes.nameOf(quota.beyond()));
    if (quota.beyond() == Beyond.OVERAGE) {
      row.put("cap", quota.cap() == Quota.UNCAPPED ? null : quota.cap());
    }
    return row.put("shadow", quota.isShadow());
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Enforcement;
import io.gatehouse.jetty.api.Durations;
import io.gatehouse.jetty.api.Faults;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How the limits of one owner are written in documents: as a list, no two of which exclude each other. */
final class LimitRows {

  /** Every one of them is charged by every request. */
  static final int MOST = 16;

  private static final FieldType<Long> PERMITS = FieldTypes.count(1, Limit.MOST);
  private static final FieldType<Duration> PERIOD =
      FieldTypes.duration(Duration.ofMillis(1), Duration.ofDays(366));
  private static final FieldType<Algorithm> ALGORITHM = FieldTypes.choice(Algorithm.class);

  private LimitRows() {}

  /**
   * The list.
   *
   * @param concurrencyTimeout the period of limits of concurrent requests that come without one
   */
  static FieldType<List<Limit>> type(Duration concurrencyTimeout) {
    FieldType<List<Limit>> list =
        FieldTypes.list((path, value, faults) -> limit(path, value, concurrencyTimeout, faults), MOST);
    return (path, value, faults) -> {
      Optional<List<Limit>> limits = list.read(path, value, faults);
      limits.ifPresent(all -> requireDistinct(path, all, faults));
      return limits;
    };
  }

  private static Optional<Limit> limit(
      String path, JsonNode value, Duration concurrencyTimeout, Faults faults) {
    Fields fields =
        Fields.of(path, value, faults, List.of("permits", "period", "burst", "algorithm", "shadow"));
    Optional<Long> permits = fields.require("permits", PERMITS);
    boolean chosen = value.has("algorithm");
    Optional<Algorithm> algorithm =
        chosen ? fields.get("algorithm", ALGORITHM) : Optional.of(Algorithm.TOKEN_BUCKET);
    boolean concurrency = algorithm.equals(Optional.of(Algorithm.CONCURRENCY));
    Optional<Duration> period =
        concurrency && !value.has("period") ? Optional.of(concurrencyTimeout) : fields.require("period", PERIOD);
    Optional<Long> burst = fields.get("burst", PERMITS);
    boolean shadow = fields.get("shadow", FieldTypes.BOOLEAN).orElse(false);
    if (permits.isEmpty() || period.isEmpty() || algorithm.isEmpty()) {
      return Optional.empty();
    }
    String name = FieldTypes.nameOf(algorithm.get());
    if (value.has("burst") && algorithm.get() != Algorithm.TOKEN_BUCKET) {
      faults.add(path + ".burst", "beside " + name + " (expected: none; only a token-bucket has a burst)");
      return Optional.empty();
    }
    if (algorithm.get() == Algorithm.SLIDING_LOG && permits.get() > Limit.MOST_LOGGED) {
      faults.add(
          path + ".permits", permits.get() + " (expected: 1 to " + Limit.MOST_LOGGED + " with a " + name + ")");
      return Optional.empty();
    }
    return Optional.of(
        new Limit(
            permits.get(),
            period.get(),
            burst.orElse(permits.get()),
            algorithm.get(),
            shadow ? Enforcement.SHADOW : Enforcement.ENFORCED));
  }

  private static void requireDistinct(String path, List<Limit> limits, Faults faults) {
    for (int i = 0; i < limits.size(); i++) {
      Limit limit = limits.get(i);
      if (limits.subList(0, i).stream().anyMatch(limit::excludes)) {
        boolean concurrency = limit.algorithm() == Algorithm.CONCURRENCY;
        faults.add(
            path + "[" + i + "]." + (concurrency ? "algorithm" : "period"),
            (concurrency ? FieldTypes.nameOf(limit.algorithm()) : Durations.text(limit.period()))
                + " again (expected: each period once for each algorithm, concurrency once, and all once as a shadow)");
      }
    }
  }

  static void put(ArrayNode rows, List<Limit> limits) {
    for (Limit limit : limits) {
      ObjectNode row =
          rows.addObject().put("permits", limit.permits()).put("period", Durations.text(limit.period()));
      if (limit.algorithm() == Algorithm.TOKEN_BUCKET) {
        row.put("burst", limit.burst());
      }
      row.put("algorithm", FieldTypes.nameOf(limit.algorithm())).put("shadow", limit.isShadow());
    }
  }
}

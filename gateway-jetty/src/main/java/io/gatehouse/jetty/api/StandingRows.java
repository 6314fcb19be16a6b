package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Enforcement;
import io.gatehouse.Preview;
import io.gatehouse.Standing;
import io.gatehouse.Subject;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.quota.Beyond;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** How it is told where the rules stand that hold for a request. */
public final class StandingRows {

  private static final String QUOTA_GATE = "quota";

  private StandingRows() {}

  /** All limits and quotas of a key. */
  public static ObjectNode of(String keyId, Preview preview) {
    ObjectNode json =
        Json.object()
            .put("user", preview.subject().map(Subject::user).orElse(null))
            .put("key_id", keyId);
    put(json, preview);
    return json;
  }

  /** Adds the limits and the quotas. */
  public static void put(ObjectNode json, Preview preview) {
    add(json.putArray("limits"), standings(preview, step -> !step.gate().equals(QUOTA_GATE)));
    add(json.putArray("quotas"), standings(preview, step -> step.gate().equals(QUOTA_GATE)));
  }

  /** Adds a row for each. */
  public static void add(ArrayNode rows, List<Standing> standings) {
    for (Standing standing : standings) {
      ObjectNode row = rows.addObject()
          .put("policy", standing.policy())
          .put("limit", standing.most())
          .put("remaining", standing.remaining())
          .put("reset_after", seconds(standing.resetAfter()))
          .put("refuses", standing.refuses())
          .put("shadow", standing.enforcement() == Enforcement.SHADOW);
      if (standing.beyond() != Beyond.HARD) {
        row.put("beyond", standing.beyond().name().toLowerCase(Locale.ROOT));
      }
    }
  }

  private static List<Standing> standings(Preview preview, Predicate<Preview.Step> of) {
    return preview.steps().stream().filter(of).flatMap(step -> step.finding().standings().stream()).toList();
  }

  /** In whole seconds, rounded up. */
  public static long seconds(Duration duration) {
    return duration.toSeconds() + (duration.toNanosPart() == 0 ? 0 : 1);
  }
}

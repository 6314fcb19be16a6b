package io.gatehouse.jetty.account;

import io.gatehouse.jetty.api.Schema;
import java.util.LinkedHashMap;
import java.util.Map;

/** The documents of self-service that administration does not have, by name. */
public final class AccountSchemas {

  public static final Map<String, Schema> ALL = all();

  private AccountSchemas() {}

  private static Map<String, Schema> all() {
    Schema counts = Schema.list(Schema.ref("Count"));
    Schema texts = Schema.list(Schema.text(), 100);
    Map<String, Schema> all = new LinkedHashMap<>();
    all.put(
        "Account",
        Schema.object()
            .has("user", Schema.text())
            .has("tenant", Schema.text().orNull())
            .has("plan", Schema.text().orNull())
            .has("key", Schema.ref("Key")));
    all.put(
        "OwnUsage",
        Schema.object()
            .has("time_zone", Schema.text())
            .has("billing_day", Schema.count(1, 31))
            .has("usage", counts)
            .has("key_usage", counts));
    all.put(
        "OwnKeyToAdd",
        Schema.object()
            .may("name", Schema.text())
            .may("scopes", texts)
            .may("networks", texts)
            .may("expires_at", Schema.text("date-time").orNull()));
    return all;
  }
}

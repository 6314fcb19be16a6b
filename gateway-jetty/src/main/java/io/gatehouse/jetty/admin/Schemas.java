package io.gatehouse.jetty.admin;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.admin.Role;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Health;
import io.gatehouse.jetty.api.Schema;
import io.gatehouse.jetty.api.TrafficHistory;
import io.gatehouse.key.User;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Limit;
import io.gatehouse.plan.Plan;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.Upstream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The documents that administration takes and gives, by name; a test holds the answers of a running gateway against them. */
final class Schemas {

  static final Map<String, Schema> ALL = new LinkedHashMap<>();

  private static final Schema MOMENT = Schema.text("date-time");
  private static final Schema DURATION = Schema.text().saying("A length of time: 500ms, 30s, 5m, 24h, 7d.");
  private static final Schema ID = Schema.pattern("^[0-9A-Za-z]{1,64}$");
  private static final Schema NAME = Schema.text().saying("1 to " + User.LONGEST_NAME + " characters, no control characters.");
  private static final Schema TENANT = Schema.pattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");
  private static final Schema PLAN = Schema.pattern("^[a-z0-9][a-z0-9._-]{0,63}$");
  private static final Schema ORIGIN = Schema.choice(Origin.class);
  private static final Schema POOL = Schema.pattern("^" + Upstream.POOL + "$");
  private static final Schema BREAKER =
      Schema.choice(
          Arrays.stream(CircuitBreaker.State.values())
              .map(state -> state.name().toLowerCase(Locale.ROOT))
              .toArray(String[]::new));
  private static final Schema SCOPE = Schema.text().saying("GET, * /img/ or POST /upload.");
  private static final Schema NEXT = Schema.text().orNull().saying("What to ask for with after; null on the last page.");
  private static final Schema UPPER_BOUND = Schema.count(0, 1L << 53);
  private static final Schema SHADOW = Schema.bool().saying("Whether it only counts what it would refuse.");

  static {
    users();
    keys();
    blocks();
    rules();
    plans();
    usage();
    decisions();
    backends();
    administration();
    live();
  }

  private Schemas() {}

  private static void users() {
    ALL.put("UserToAdd", Schema.object().has("name", NAME).may("tenant", TENANT.orNull()));
    ALL.put(
        "UserChange",
        Schema.object().may("name", NAME).may("enabled", Schema.bool()).may("tenant", TENANT.orNull()));
    ALL.put(
        "User",
        Schema.object()
            .has("id", ID)
            .has("name", NAME)
            .has("enabled", Schema.bool())
            .has("created_at", MOMENT)
            .has("tenant", TENANT.orNull())
            .has("plan", PLAN.orNull())
            .has("next_plan", Schema.ref("NextPlan").orNull()));
    ALL.put("Users", page("users", "User"));
    ALL.put("Networks", Schema.object().has("networks", Schema.list(Schema.text(), 1_000)));
  }

  private static void keys() {
    Schema scopes = Schema.list(SCOPE, 100);
    Schema networks = Schema.list(Schema.text(), 100);
    ALL.put(
        "KeyToAdd",
        Schema.object()
            .has("user", ID)
            .may("name", Schema.text())
            .may("scopes", scopes)
            .may("networks", networks)
            .may("expires_at", MOMENT.orNull())
            .may("hash", Schema.text().saying("Of a key that somebody else has made: SHA-256 in hexadecimal, or bcrypt."))
            .may("start", Schema.text().saying("The first 6 to 32 characters of that key; needed with bcrypt.")));
    ALL.put(
        "KeyChange",
        Schema.object()
            .may("name", Schema.text())
            .may("enabled", Schema.bool())
            .may("scopes", scopes)
            .may("networks", networks)
            .may("expires_at", MOMENT.orNull()));
    ALL.put("LeakedKey", Schema.object().has("key", Schema.text().saying("The key itself.")));
    ALL.put("Report", Schema.object().has("reported", Schema.bool()));
    ALL.put("Rotation", Schema.object().may("grace", DURATION));
    ALL.put(
        "Key",
        key(Schema.object())
            .may("quotas", Schema.list(Schema.ref("QuotaToSet")).saying("Its own; told of a single key only.")));
    ALL.put(
        "KeyWithSecret",
        key(Schema.object().may(
            "key", Schema.text().saying("The secret; in this answer and never again. Of a key that was added by a hash: absent."))));
    ALL.put("Keys", page("keys", "Key"));
    ALL.put("SigningSecret", signingSecret(Schema.object()));
    ALL.put("SigningSecrets", Schema.object().has("signing_secrets", Schema.list(Schema.ref("SigningSecret"))));
    ALL.put(
        "SigningSecretWithSecret",
        signingSecret(Schema.object().has("secret", Schema.text().saying("In this answer and never again."))));
    ALL.put(
        "UrlToSign",
        Schema.object()
            .has("source", Schema.text().saying("Where the picture is: https://example.com/a.jpg or local:///a.jpg."))
            .may("options", Schema.text().saying("Of imgproxy, with slashes between them: rs:fit:300:200/q:80."))
            .may("expires_in", DURATION.saying("1s to 3660d; otherwise 24h.")));
    ALL.put("SignedUrl", Schema.object().has("url", Schema.text()).has("expires_at", MOMENT));
  }

  private static Schema signingSecret(Schema schema) {
    return schema.has("id", ID).has("key", ID).has("created_at", MOMENT);
  }

  private static Schema key(Schema schema) {
    return schema
        .has("id", ID)
        .has("user", ID)
        .has("name", Schema.text())
        .has("start", Schema.text())
        .has("scopes", Schema.list(SCOPE))
        .has("networks", Schema.list(Schema.text()))
        .has("enabled", Schema.bool())
        .has("suspension", Schema.text().orNull())
        .has("created_at", MOMENT)
        .has("expires_at", MOMENT.orNull())
        .has("replaces", ID.orNull())
        .has("replaced_by", ID.orNull())
        .has("last_used_at", MOMENT.orNull());
  }

  private static void blocks() {
    Schema enforcement = Schema.choice(Enforcement.class);
    Schema value =
        Schema.text().saying("An address or network, two capital letters of a country, or the id of a key or user.");
    Schema reason = Schema.text().saying("At most " + Block.LONGEST_REASON + " characters, no control characters.");
    ALL.put(
        "BlockToAdd",
        Schema.object()
            .has("kind", Schema.choice(Block.Kind.class))
            .has("value", value)
            .may("reason", reason)
            .may("enforcement", enforcement)
            .may("expires_at", MOMENT.orNull()));
    ALL.put(
        "BlockChange",
        Schema.object().may("reason", reason).may("enforcement", enforcement).may("expires_at", MOMENT.orNull()));
    ALL.put(
        "Block",
        Schema.object()
            .has("id", ID)
            .has("kind", Schema.choice(Block.Kind.class))
            .has("value", value)
            .has("reason", reason)
            .has("enforcement", enforcement)
            .has("source", Schema.choice(Block.Source.class))
            .has("created_at", MOMENT)
            .has("expires_at", MOMENT.orNull())
            .has("strikes", Schema.count().saying("How often in a row the gateway itself has made it; otherwise 0.")));
    ALL.put("Blocks", page("blocks", "Block"));
  }

  private static void rules() {
    Schema permits = Schema.count(1, Limit.MOST);
    ALL.put(
        "Limit",
        Schema.object()
            .has("permits", permits)
            .may("period", DURATION)
            .may("burst", permits)
            .may("algorithm", Schema.choice(Algorithm.class))
            .may("shadow", SHADOW));
    ALL.put("LimitsToSet", Schema.object().has("limits", Schema.list(Schema.ref("Limit"), 16)));
    ALL.put(
        "Limits",
        Schema.object()
            .has("own", Schema.bool())
            .has("origin", ORIGIN)
            .has("limits", Schema.list(Schema.ref("Limit"))));
    ALL.put("QuotasToSet", Schema.object().has("quotas", Schema.list(Schema.ref("QuotaToSet"))));
    ALL.put("QuotaToSet", quota());
    ALL.put("Crossing", Schema.object().has("percent", Schema.count(1, 100)).has("at", MOMENT));
    ALL.put(
        "Quota",
        quota()
            .may("over", Schema.bool())
            .may("overage", Schema.count())
            .may("crossed", Schema.list(Schema.ref("Crossing"))));
    ALL.put(
        "Quotas",
        Schema.object()
            .has("own", Schema.bool())
            .has("origin", ORIGIN)
            .has("quotas", Schema.list(Schema.ref("Quota"))));
    ALL.put("KeyQuotas", Schema.object().has("quotas", Schema.list(Schema.ref("Quota"))));
    ALL.put(
        "CountsToReset",
        Schema.object()
            .may("meter", Schema.choice(Meter.class))
            .may("window", Schema.choice(Window.class))
            .may("all", Schema.bool()));
    ALL.put(
        "CalendarToSet", Schema.object().has("time_zone", Schema.text()).may("billing_day", Schema.count(1, 31)));
    ALL.put("Calendar", calendar(Schema.object().has("own", Schema.bool())));
  }

  private static void plans() {
    Schema limits = Schema.list(Schema.ref("Limit"), 16).orNull().saying("Null: those of the configuration.");
    Schema levels = Schema.object().may("user", limits).may("key", limits);
    Schema options = Schema.texts(Plan.MOST_OPTIONS).saying("For gates and the application; texts by name.");
    Schema scopes = Schema.list(SCOPE, 100);
    Schema quotas = Schema.list(Schema.ref("QuotaToSet")).orNull().saying("Null: those of the configuration.");
    ALL.put(
        "PlanToPut",
        Schema.object()
            .may("name", PLAN)
            .may("title", Schema.text())
            .may("limits", levels.orNull())
            .may("quotas", quotas)
            .may("scopes", scopes)
            .may("options", options));
    ALL.put(
        "Plan",
        Schema.object()
            .has("name", PLAN)
            .has("title", Schema.text())
            .has("limits", levels)
            .has("quotas", quotas)
            .has("scopes", scopes)
            .has("options", options));
    ALL.put("Plans", Schema.object().has("plans", Schema.list(Schema.ref("Plan"))));
    Schema next = Schema.object().has("plan", PLAN.orNull());
    ALL.put("NextPlan", next.has("at", MOMENT));
    ALL.put("UserPlanChange", next.may("at", MOMENT));
    ALL.put(
        "UserPlan",
        Schema.object().has("plan", PLAN.orNull()).has("next_plan", Schema.ref("NextPlan").orNull()));
  }

  private static Schema quota() {
    return Schema.object()
        .has("meter", Schema.choice(Meter.class))
        .has("window", Schema.choice(Window.class))
        .has("most", UPPER_BOUND)
        .may("beyond", Schema.choice(Beyond.class))
        .may("cap", UPPER_BOUND.orNull())
        .may("shadow", SHADOW);
  }

  private static Schema calendar(Schema schema) {
    return schema.has("time_zone", Schema.text()).has("billing_day", Schema.count(1, 31));
  }

  private static void usage() {
    ALL.put(
        "Count",
        Schema.object()
            .has("meter", Schema.choice(Meter.class))
            .has("window", Schema.choice(Window.class))
            .has("used", Schema.count())
            .has("most", UPPER_BOUND.orNull())
            .has("remaining", UPPER_BOUND.orNull())
            .has("period_start", MOMENT.orNull())
            .has("resets_at", MOMENT.orNull())
            .has(
                "forecast",
                Schema.count().orNull().saying(
                    "Used by the end of the period, if it goes on like this; null in the first hundredth."))
            .may("over", Schema.bool())
            .may("overage", Schema.count())
            .may("crossed", Schema.list(Schema.ref("Crossing"))));
    ALL.put("Usage", calendar(Schema.object()).has("usage", Schema.list(Schema.ref("Count"))));
    ALL.put(
        "Transferred",
        Schema.object()
            .has("start", MOMENT)
            .may("endpoint", Schema.text())
            .has("requests", Schema.count())
            .has("request_bytes", Schema.count())
            .has("response_bytes", Schema.count())
            .has("errors", Schema.count()));
    ALL.put(
        "History",
        span()
            .has("time_zone", Schema.text())
            .has("by", Schema.choice(TrafficHistory.By.class))
            .has("history", Schema.list(Schema.ref("Transferred"))));
    ALL.put(
        "Violation",
        Schema.object()
            .has("minute", MOMENT)
            .has("key", Schema.text())
            .has("reason", Schema.text())
            .has("rule", Schema.text())
            .has("count", Schema.count()));
    ALL.put("Violations", span().has("violations", Schema.list(Schema.ref("Violation"))));
    ALL.put(
        "Request",
        Schema.object()
            .has("time", MOMENT)
            .has("request_id", Schema.text())
            .has("trace_id", Schema.text())
            .has("user", Schema.text().orNull())
            .has("key", Schema.text().orNull())
            .has("client", Schema.text())
            .has("method", Schema.text())
            .has("target", Schema.text())
            .has("status", Schema.count(0, 599))
            .has("refused", Schema.text().orNull())
            .has("rule", Schema.text().orNull())
            .has("backend", Schema.text().orNull())
            .has("request_bytes", Schema.count())
            .has("response_bytes", Schema.count())
            .has("duration_ms", Schema.number()));
    ALL.put("Requests", page(span(), "requests", "Request"));
  }

  private static void decisions() {
    ALL.put(
        "Standing",
        Schema.object()
            .has("policy", Schema.text())
            .has("limit", Schema.count())
            .has("remaining", Schema.count())
            .has("reset_after", Schema.count().saying("In seconds."))
            .has("refuses", Schema.bool())
            .has("shadow", Schema.bool())
            .may("beyond", Schema.choice(Beyond.class)));
    Schema standings = Schema.list(Schema.ref("Standing"));
    ALL.put(
        "Standings",
        Schema.object()
            .has("user", Schema.text().orNull())
            .has("key_id", Schema.text())
            .has("limits", standings)
            .has("quotas", standings));
    Schema described =
        Schema.object().may("method", Schema.text()).may("target", Schema.text()).may("address", Schema.text())
            .may("host", Schema.text());
    Schema key = Schema.text().saying("An API key, as its user sends it.");
    ALL.put("Question", described.may("key", key).may("spend", Schema.bool()));
    ALL.put("Description", described.may("key", key).may("key_id", ID));
    Schema code = Schema.text().saying("ok, or why not.");
    ALL.put(
        "Validity",
        Schema.object()
            .has("valid", Schema.bool())
            .has("code", code)
            .has("detail", Schema.text().orNull())
            .has("rule", Schema.text().orNull())
            .has("user", Schema.text().orNull())
            .has("key_id", Schema.text().orNull())
            .has("remaining", Schema.count().orNull())
            .has("retry_after", Schema.count().orNull().saying("In seconds; null when waiting does not help."))
            .has("limits", standings)
            .has("quotas", standings));
    ALL.put(
        "Binding",
        Schema.object().has("gate", Schema.text()).has("rule", Schema.text().orNull()).has("detail", Schema.text()));
    ALL.put(
        "Gate",
        Schema.object()
            .has("gate", Schema.text())
            .has("verdict", Schema.choice("pass", "refuse", "not-asked"))
            .may("code", code)
            .has("rule", Schema.text().orNull())
            .has("detail", Schema.text())
            .may("rules", standings));
    ALL.put(
        "Explanation",
        Schema.object()
            .has("verdict", Schema.choice("pass", "refuse"))
            .has("code", code)
            .has("user", Schema.text().orNull())
            .has("key_id", Schema.text().orNull())
            .has("retry_after", Schema.count().orNull())
            .has("binding", Schema.ref("Binding").orNull())
            .has("gates", Schema.list(Schema.ref("Gate"))));
  }

  private static void backends() {
    Schema weight = Schema.count(1, Upstream.MOST_WEIGHT);
    ALL.put(
        "BackendToPut",
        Schema.object()
            .has("url", Schema.text())
            .may("weight", weight)
            .may("state", Schema.choice(Upstream.State.class))
            .may("health_check_interval", DURATION)
            .may("pool", POOL)
            .may("ttl", DURATION.orNull()));
    ALL.put(
        "Backend",
        Schema.object()
            .has("url", Schema.text())
            .has("pool", POOL)
            .has("weight", weight)
            .has("state", Schema.choice(Upstream.State.class))
            .has("health_check_interval", DURATION)
            .has("ttl", DURATION.orNull())
            .has("expires_at", MOMENT.orNull())
            .has("origin", Schema.choice("file", "discovery", "store", "registration"))
            .has("in_file", Schema.bool())
            .has("health", Schema.choice(Health.class))
            .has("since", MOMENT.orNull())
            .has("breaker", BREAKER)
            .has("ejected_until", MOMENT.orNull())
            .has("share", Schema.count(0, 100))
            .has("in_flight", Schema.count())
            .has("last_error", Schema.text().orNull()));
    ALL.put(
        "Backends",
        Schema.object()
            .has("backends", Schema.list(Schema.ref("Backend")))
            .has("pools", Schema.list(Schema.object().has("pool", POOL).has("breaker", BREAKER))));
    Schema changes =
        Schema.object().has("set", Schema.anything()).has("remove", Schema.list(Schema.text()));
    ALL.put(
        "Route",
        Schema.object()
            .has("name", Schema.text())
            .has("host", Schema.text().orNull())
            .has("path", Schema.text())
            .has("methods", Schema.list(Schema.text()).saying("Empty: all."))
            .has("pool", POOL)
            .has("limits", Schema.text().orNull().saying("The endpoint as which its requests are charged."))
            .has("connect_timeout", DURATION)
            .has("response_timeout", DURATION)
            .has("idle_timeout", DURATION)
            .has("total_timeout", DURATION)
            .has("strip_prefix", Schema.text())
            .has("add_prefix", Schema.text())
            .has("cache", Schema.bool().saying("Whether answers are kept."))
            .has("request_headers", changes)
            .has("response_headers", changes));
    ALL.put(
        "Pool",
        Schema.object()
            .has("pool", POOL)
            .has("algorithm", Schema.text())
            .has("hash_key", Schema.text())
            .has("answers", Schema.text())
            .has("breaker", BREAKER)
            .has("backends_total", Schema.count())
            .has("backends_usable", Schema.count())
            .has(
                "health_check",
                Schema.object().has("path", Schema.text()).has("render_path", Schema.text().orNull())));
    ALL.put(
        "Routes",
        Schema.object()
            .has("routes", Schema.list(Schema.ref("Route")))
            .has("pools", Schema.list(Schema.ref("Pool"))));
    ALL.put(
        "Cache",
        Schema.object()
            .has("entries", Schema.count())
            .has("bytes", Schema.count().saying("What they take in memory, with those that are being received."))
            .has("most_bytes", Schema.count())
            .has("hits", Schema.count().saying("Since the start, as the next four."))
            .has("stale", Schema.count().saying("Hits that were stale."))
            .has("misses", Schema.count())
            .has("coalesced", Schema.count().saying("Misses that shared the answer to another request."))
            .has("evictions", Schema.count())
            .has("disk_entries", Schema.count())
            .has("disk_bytes", Schema.count()));
  }

  private static void administration() {
    Schema role = Schema.choice(Role.class);
    ALL.put("AdministratorToAdd", Schema.object().has("name", NAME).has("role", role).may("tenant", TENANT.orNull()));
    ALL.put("Administrator", administrator(Schema.object()));
    ALL.put(
        "AdministratorWithToken",
        administrator(Schema.object().has("token", Schema.text().saying("The token; in this answer and never again."))));
    ALL.put("Administrators", page("administrators", "Administrator"));
    Schema state = Schema.anything().orNull();
    ALL.put(
        "Change",
        Schema.object()
            .has("id", ID)
            .has("time", MOMENT)
            .has("administrator", Schema.text())
            .has("name", Schema.text())
            .has("address", Schema.text().orNull())
            .has("request_id", Schema.text().orNull())
            .has("operation", Schema.text())
            .has("object", Schema.text())
            .has("before", state)
            .has("after", state));
    ALL.put("Changes", page(span(), "changes", "Change"));
    ALL.put(
        "Foreseen", Schema.object().has("object", Schema.text()).has("before", state).has("after", state));
    ALL.put(
        "DryRun",
        Schema.object()
            .has("status", Schema.count(200, 299).saying("Of the answer that the change would have."))
            .has("changes", Schema.list(Schema.ref("Foreseen"))));
    Schema names = Schema.list(Schema.text());
    ALL.put(
        "Setting",
        Schema.object()
            .has("path", Schema.text())
            .has("value", Schema.value())
            .has("origin", Schema.text())
            .has("waiting_for_restart", Schema.bool()));
    ALL.put(
        "Settings",
        Schema.object()
            .has("loaded_at", MOMENT)
            .has("last_reload_successful", Schema.bool())
            .has("waiting_for_restart", names)
            .has("settings", Schema.list(Schema.ref("Setting"))));
    ALL.put(
        "Reload",
        Schema.object().has("loaded_at", MOMENT).has("changed", names).has("waiting_for_restart", names));
    ALL.put(
        "Fault",
        Schema.object()
            .has("field", Schema.text())
            .has("detail", Schema.text())
            .may("source", Schema.text())
            .may("line", Schema.count())
            .may("column", Schema.count())
            .may("hint", Schema.text()));
    ALL.put(
        "Problem",
        Schema.object()
            .has("type", Schema.text())
            .has("title", Schema.text())
            .has("status", Schema.count(400, 599))
            .has("detail", Schema.text())
            .may("errors", Schema.list(Schema.ref("Fault")))
            .may("line", Schema.count())
            .may("column", Schema.count()));
    ALL.put(
        "Myself",
        Schema.object()
            .has("id", Schema.text())
            .has("name", Schema.text())
            .has("role", role)
            .has("tenant", TENANT.orNull())
            .has("operations", Schema.list(Schema.text()).saying("The ids of the operations of this description.")));
    ALL.put("Document", Schema.anything());
  }

  private static void live() {
    Schema nullable = Schema.text().orNull();
    ALL.put(
        "Live",
        Schema.events(Map.of("figures", Schema.ref("LiveFigures"), "refusal", Schema.ref("LiveRefusal")))
            .saying("Events; the data of each is one line of JSON, described in x-events by the name of the event."));
    ALL.put(
        "LiveFigures",
        Schema.object()
            .has("time", MOMENT)
            .has("span_ms", Schema.count().saying("How long ago the figures before were told."))
            .has("completed", Schema.count())
            .has("errors", Schema.count())
            .has("would_refuse", Schema.count())
            .has("refusals_left_out", Schema.count())
            .has("refused", Schema.counts().saying("By reason; reasons without any are left out."))
            .has("latency_ms", Schema.ref("LiveLatency").orNull())
            .has("in_flight", Schema.count())
            .has("pools", Schema.list(Schema.object().has("pool", POOL).has("breaker", BREAKER)))
            .has("backends", Schema.list(Schema.ref("LiveBackend")))
            .has("users", Schema.list(Schema.ref("LiveUser")))
            .has("streams", Schema.count().saying("How many look.")));
    ALL.put(
        "LiveLatency",
        Schema.object().has("p50", Schema.number()).has("p95", Schema.number()).has("p99", Schema.number()));
    ALL.put(
        "LiveBackend",
        Schema.object()
            .has("url", Schema.text())
            .has("pool", POOL)
            .has("weight", Schema.count(1, Upstream.MOST_WEIGHT))
            .has("state", Schema.choice(Upstream.State.class))
            .has("health", Schema.choice(Health.class))
            .has("breaker", BREAKER)
            .has("usable", Schema.bool())
            .has("share", Schema.count(0, 100))
            .has("in_flight", Schema.count())
            .has("last_error", nullable));
    ALL.put(
        "LiveUser",
        Schema.object().has("user", ID).has("requests", Schema.count()).has("refused", Schema.count()));
    ALL.put(
        "LiveRefusal",
        Schema.object()
            .has("time", MOMENT)
            .has("reason", Schema.text())
            .has("rule", nullable)
            .has("user", nullable)
            .has("key", nullable)
            .has("client", Schema.text())
            .has("method", Schema.text())
            .has("path", Schema.text()));
  }

  private static Schema administrator(Schema schema) {
    return schema
        .has("id", ID)
        .has("name", NAME)
        .has("role", Schema.choice(Role.class))
        .has("tenant", TENANT.orNull())
        .has("start", Schema.text())
        .has("created_at", MOMENT);
  }

  private static Schema span() {
    return Schema.object().has("from", MOMENT).has("to", MOMENT);
  }

  private static Schema page(String rows, String row) {
    return page(Schema.object(), rows, row);
  }

  private static Schema page(Schema before, String rows, String row) {
    return before.has(rows, Schema.list(Schema.ref(row))).has("next", NEXT);
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Admission;
import io.gatehouse.Enforcement;
import io.gatehouse.Finding;
import io.gatehouse.Outcome;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
import io.gatehouse.Subject;
import io.gatehouse.core.setup.Administrable;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.DescribedRequest;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.StandingRows;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway would decide of a request that is only described: in short, for a service that asks before it does
 * something itself, and gate by gate, for people who wonder why.
 */
final class DecisionsResource {

  private static final String VALIDATE = AdminServlet.ROOT + "validate";
  private static final String EXPLAIN = AdminServlet.ROOT + "explain";
  private static final String LIMITS = AdminServlet.ROOT + "usage/{id}/limits";

  private final Administrable gatehouse;

  DecisionsResource(Administrable gatehouse) {
    this.gatehouse = gatehouse;
  }

  void addTo(Router router) {
    router.add("POST", VALIDATE, this::validate);
    router.add("GET", EXPLAIN, this::explainKeyId);
    router.add("POST", EXPLAIN, this::explain);
    router.add("GET", LIMITS, this::limits);
  }

  private Answer validate(Call call) {
    Fields body = call.body("key", "method", "target", "address", "host", "spend");
    DescribedRequest request = DescribedRequest.of(body, body.get("key", FieldTypes.SECRET_KEY), call);
    boolean spend = body.get("spend", FieldTypes.BOOLEAN).orElse(false);
    if (spend && !gatehouse.runs()) {
      call.faults().add("spend", "true (expected: false where no gateway runs)");
    }
    call.check();
    Optional<Refusal> spent = spend ? spend(request) : Optional.empty();
    Preview preview = gatehouse.gateway().preview(request);
    return Answer.ok(validity(spend ? spent : preview.refusal(), preview));
  }

  /** Admits the request and ends it at once, as answered and without a body. */
  private Optional<Refusal> spend(DescribedRequest request) {
    Admission admission = gatehouse.gateway().admit(request);
    if (admission instanceof Admission.Refused refused) {
      return Optional.of(refused.refusal());
    }
    Outcome outcome = new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED);
    ((Admission.Admitted) admission).complete(outcome);
    return Optional.empty();
  }

  private Answer explainKeyId(Call call) {
    Optional<String> keyId = call.query().get("key_id", FieldTypes.ID_TEXT);
    DescribedRequest request = DescribedRequest.of(call.query(), Optional.empty(), call);
    call.check();
    return Answer.ok(explanation(preview(request, keyId)));
  }

  private Answer explain(Call call) {
    Fields body = call.body("key", "key_id", "method", "target", "address", "host");
    Optional<String> keyId = body.get("key_id", FieldTypes.ID_TEXT);
    DescribedRequest request = DescribedRequest.of(body, body.get("key", FieldTypes.SECRET_KEY), call);
    if (keyId.isPresent() && request.key().isPresent()) {
      call.faults().add("key_id", "beside key (expected: one of the two)");
    }
    call.check();
    return Answer.ok(explanation(preview(request, keyId)));
  }

  private Preview preview(DescribedRequest request, Optional<String> keyId) {
    return keyId.isEmpty()
        ? gatehouse.gateway().preview(request)
        : gatehouse.preview(request, keyId.get())
            .orElseThrow(() -> ProblemException.notFound("There is no key with this id."));
  }

  /** Where all limits of a key stand for a request, and its quotas. */
  private Answer limits(Call call) {
    DescribedRequest request = DescribedRequest.of(call.query(), Optional.empty(), call);
    call.check();
    return Answer.ok(StandingRows.of(call.id(), preview(request, Optional.of(call.id()))));
  }

  private static ObjectNode validity(Optional<Refusal> refusal, Preview preview) {
    ObjectNode json =
        Json.object()
            .put("valid", refusal.isEmpty())
            .put("code", code(refusal))
            .put("detail", refusal.map(Refusal::detail).orElse(null))
            .put("rule", rule(refusal.map(Refusal::rule).orElse("")))
            .put("user", preview.subject().map(Subject::user).orElse(null))
            .put("key_id", preview.subject().map(Subject::key).orElse(null))
            .put("remaining", tightest(preview).map(rule -> rule.standing().remaining()).orElse(null))
            .put("retry_after", refusal.map(DecisionsResource::retryAfter).orElse(null));
    StandingRows.put(json, preview);
    return json;
  }

  private static ObjectNode explanation(Preview preview) {
    Optional<Refusal> refusal = preview.refusal();
    ObjectNode json =
        Json.object()
            .put("verdict", refusal.isEmpty() ? "pass" : "refuse")
            .put("code", code(refusal))
            .put("user", preview.subject().map(Subject::user).orElse(null))
            .put("key_id", preview.subject().map(Subject::key).orElse(null))
            .put("retry_after", refusal.map(DecisionsResource::retryAfter).orElse(null));
    json.set("binding", binding(preview).orElse(null));
    ArrayNode gates = json.putArray("gates");
    preview.steps().forEach(step -> gates.add(json(step)));
    return json;
  }

  /** What decides: the first gate that refuses, or else the rule that has the fewest requests left. */
  private static Optional<ObjectNode> binding(Preview preview) {
    for (Preview.Step step : preview.steps()) {
      if (step.finding() instanceof Finding.Refuses refuses) {
        return Optional.of(binding(step.gate(), refuses.refusal().rule(), refuses.detail()));
      }
    }
    return tightest(preview).map(rule -> binding(rule.gate(), rule.standing().policy(),
        rule.standing().remaining() + " of " + rule.standing().most() + " left"));
  }

  private record Rule(String gate, Standing standing) {}

  private static Optional<Rule> tightest(Preview preview) {
    return preview.steps().stream()
        .flatMap(step -> step.finding().standings().stream().map(standing -> new Rule(step.gate(), standing)))
        .filter(rule -> rule.standing().enforcement() == Enforcement.ENFORCED)
        .filter(rule -> rule.standing().meter() == Meter.REQUESTS && rule.standing().beyond() == Beyond.HARD)
        .min(Comparator.comparingLong(rule -> rule.standing().remaining()));
  }

  private static ObjectNode binding(String gate, String rule, String detail) {
    return Json.object().put("gate", gate).put("rule", rule(rule)).put("detail", detail);
  }

  private static ObjectNode json(Preview.Step step) {
    Finding finding = step.finding();
    ObjectNode json = Json.object().put("gate", step.gate());
    if (finding instanceof Finding.Refuses refuses) {
      json.put("verdict", "refuse")
          .put("code", RefusalCode.of(refuses.refusal().reason()))
          .put("rule", rule(refuses.refusal().rule()));
    } else if (finding instanceof Finding.Passes passes) {
      json.put("verdict", "pass").put("rule", rule(passes.rule()));
    } else {
      json.put("verdict", "not-asked").put("rule", rule(""));
    }
    json.put("detail", finding.detail());
    if (!finding.standings().isEmpty()) {
      StandingRows.add(json.putArray("rules"), finding.standings());
    }
    return json;
  }

  private static String code(Optional<Refusal> refusal) {
    return refusal.map(Refusal::reason).map(RefusalCode::of).orElse("ok");
  }

  private static @Nullable String rule(String name) {
    return name.isEmpty() ? null : name;
  }

  /** As {@code Retry-After} would say it; null when waiting does not help. */
  private static @Nullable Long retryAfter(Refusal refusal) {
    return refusal.retryAfter().isZero() ? null : Math.max(1, StandingRows.seconds(refusal.retryAfter()));
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.SigningSecrets;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.KeyFields;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.UrlToSign;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.SigningSecret;
import io.gatehouse.key.SigningSecretAdmin;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** The secrets that sign URLs for a key: make, list, delete; and signing with them. A secret is told once. */
final class SigningSecretsResource {
  private static final String PATH = AdminServlet.ROOT + "keys/{id}/signing-secrets";
  private static final String URLS = AdminServlet.ROOT + "keys/{id}/signed-urls";

  private final KeyAdmin keys;
  private final SigningSecrets secrets;
  private final String prefix;
  private final InstantSource clock;

  /** @param prefix what signed URLs begin with */
  SigningSecretsResource(KeyAdmin keys, SigningSecrets secrets, String prefix, InstantSource clock) {
    this.keys = keys;
    this.secrets = secrets;
    this.prefix = prefix;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("POST", PATH, this::add);
    router.add("DELETE", PATH + "/" + Operation.PART, this::delete);
    router.add("POST", URLS, this::sign);
  }

  private Answer list(Call call) {
    String key = require(call);
    call.check();
    ObjectNode body = body(key);
    return Answer.ok(body).tagged(body);
  }

  private ObjectNode body(String key) {
    ObjectNode body = Json.object();
    ArrayNode rows = body.putArray("signing_secrets");
    secrets.store().secretsOf(key).forEach(secret -> rows.add(json(Json.object(), secret)));
    return body;
  }

  private Answer add(Call call) {
    String key = require(call);
    call.bodyIfAny();
    call.check();
    call.expect(body(key));
    SigningSecrets.Issued issued;
    try {
      issued = secrets.issue(key).orElseThrow(SigningSecretsResource::full);
    } catch (IllegalArgumentException e) {
      throw KeyFields.missing(); // another node has deleted it since it was found
    }
    ObjectNode told = json(Json.object().put("secret", issued.secret()), issued.kept());
    return new Answer(201, Optional.of(told), Map.of(), true);
  }

  private Answer delete(Call call) {
    String key = require(call);
    call.check();
    call.expect(body(key));
    if (!secrets.store().deleteSecret(key, call.part())) {
      throw ProblemException.notFound("The key has no signing secret with this id.");
    }
    return Answer.noContent();
  }

  private Answer sign(Call call) {
    String key = require(call);
    UrlToSign wanted = UrlToSign.read(call, clock);
    UrlSigner signer = secrets.signer(key).orElseThrow(() -> new ProblemException(
        Problem.of(409, "signing-secret-missing", "Signing secret missing", "The key has no signing secret; make one.")));
    return wanted.signed(signer.below(prefix).sign(wanted.options(), wanted.source(), wanted.end()));
  }

  private String require(Call call) {
    return keys.key(call.id()).orElseThrow(KeyFields::missing).id();
  }

  private static ProblemException full() {
    return new ProblemException(Problem.of(
        409, "signing-secrets-full", "Signing secrets full",
        "The key has " + SigningSecretAdmin.MOST_SECRETS
            + " signing secrets; delete the one that is not in use any more."));
  }

  private static ObjectNode json(ObjectNode json, SigningSecret secret) {
    return json.put("id", secret.id()).put("key", secret.key()).put("created_at", secret.createdAt().toString());
  }
}

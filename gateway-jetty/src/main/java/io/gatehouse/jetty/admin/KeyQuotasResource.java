package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaAccounts.Account;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.KeyFields;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.UsageRows;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.QuotaOwner;
import java.util.List;
import java.util.Optional;

/**
 * How much a key may use beside what its user may. A key has quotas of its own or none: neither plans nor the configuration
 * say anything of keys. The entity tag is that of the quotas alone, as that of a user's.
 */
final class KeyQuotasResource {

  private static final String PATH = AdminServlet.ROOT + "keys/{id}/quotas";

  /** Of what requests move; nothing stored belongs to a key. */
  private static final FieldType<List<Quota>> QUOTAS =
      (path, value, faults) -> {
        Optional<List<Quota>> quotas = QuotaRows.TYPE.read(path, value, faults);
        for (int i = 0; quotas.isPresent() && i < quotas.get().size(); i++) {
          if (!quotas.get().get(i).meter().isTransferred()) {
            faults.add(path + "[" + i + "].meter", "stored-bytes (expected: another; what is stored is the user's)");
          }
        }
        return quotas;
      };

  private final QuotaAdmin policy;
  private final QuotaAccounts accounts;
  private final KeyAdmin keys;

  KeyQuotasResource(QuotaAdmin policy, QuotaAccounts accounts, KeyAdmin keys) {
    this.policy = policy;
    this.accounts = accounts;
    this.keys = keys;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("PUT", PATH, this::replace);
    router.add("DELETE", PATH, this::lift);
  }

  private Answer show(Call call) {
    call.check();
    return answer(require(call));
  }

  private Answer replace(Call call) {
    ApiKey key = require(call);
    Optional<List<Quota>> quotas = call.body("quotas").require("quotas", QUOTAS);
    call.check();
    call.expect(rules(key));
    keep(key, quotas.orElseThrow());
    return answer(key);
  }

  private Answer lift(Call call) {
    ApiKey key = require(call);
    call.check();
    call.expect(rules(key));
    keep(key, List.of());
    return Answer.noContent();
  }

  private void keep(ApiKey key, List<Quota> quotas) {
    try {
      policy.replaceKeyQuotas(key.lineage(), quotas);
    } catch (IllegalArgumentException e) {
      throw KeyFields.missing(); // all else was checked
    }
  }

  private ApiKey require(Call call) {
    return keys.key(call.id()).orElseThrow(KeyFields::missing);
  }

  private Answer answer(ApiKey key) {
    ObjectNode body = Json.object();
    ArrayNode rows = body.putArray("quotas");
    List<Account> all = accounts.accountsOf(QuotaOwner.ofKey(key.user(), key.lineage()));
    for (Quota quota : policy.keyQuotasOf(key.lineage())) {
      UsageRows.putStanding(QuotaRows.addTo(rows, quota), quota, all);
    }
    return Answer.ok(body).guardedBy(rules(key));
  }

  /** What can be set, and nothing else. */
  private ObjectNode rules(ApiKey key) {
    return put(Json.object(), policy.keyQuotasOf(key.lineage()));
  }

  /** Adds the quotas of a key, as they were set. */
  static ObjectNode put(ObjectNode json, List<Quota> quotas) {
    ArrayNode rows = json.putArray("quotas");
    quotas.forEach(quota -> QuotaRows.addTo(rows, quota));
    return json;
  }
}

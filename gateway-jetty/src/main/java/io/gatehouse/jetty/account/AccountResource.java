package io.gatehouse.jetty.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Preview;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.DescribedRequest;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.StandingRows;
import io.gatehouse.jetty.api.TrafficHistory;
import io.gatehouse.jetty.api.UsageRows;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.User;
import io.gatehouse.quota.QuotaOwner;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Who somebody is to the gateway, what they have used, and where their limits stand. */
final class AccountResource {

  private final Stores stores;
  private final Snapshot snapshot;
  private final TrafficHistory history;
  private final InstantSource clock;

  AccountResource(Stores stores, Snapshot snapshot, InstantSource clock) {
    this.stores = stores;
    this.snapshot = snapshot;
    this.history =
        new TrafficHistory(stores.traffic(), snapshot.settings().quotas().calendar().zone(), clock);
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", AccountServlet.PATH, this::show);
    router.add("GET", AccountServlet.PATH + "/usage", this::usage);
    router.add(
        "GET", AccountServlet.PATH + "/history", call -> history.answer(call, () -> call.holder().key().user()));
    router.add("GET", AccountServlet.PATH + "/limits", this::limits);
  }

  private Answer show(Call call) {
    call.check();
    ApiKey key = call.holder().key();
    Optional<User> user = stores.users().user(key.user());
    ObjectNode body =
        Json.object()
            .put("user", key.user())
            .put("tenant", user.flatMap(User::tenant).orElse(null))
            .put("plan", stores.plans().userPlan(key.user()).plan().orElse(null));
    body.set("key", OwnKeysResource.withUse(key, stores.keys()));
    return Answer.ok(body);
  }

  private Answer usage(Call call) {
    call.check();
    ApiKey key = call.holder().key();
    QuotaAccounts accounts = snapshot.quotaAccounts();
    Instant now = clock.instant();
    ObjectNode body = Json.object();
    UsageRows.putCalendar(body, accounts.periodsOf(key.user()).calendar());
    UsageRows.put(body.putArray("usage"), accounts.accountsOf(key.user()), now);
    UsageRows.put(
        body.putArray("key_usage"), accounts.accountsOf(QuotaOwner.ofKey(key.user(), key.lineage())), now);
    return Answer.ok(body);
  }

  private Answer limits(Call call) {
    DescribedRequest request = DescribedRequest.of(call.query(), address(call), Optional.empty());
    call.check();
    ApiKey key = call.holder().key();
    Preview preview = snapshot.gateway().preview(request, key);
    return Answer.ok(StandingRows.of(key.id(), preview));
  }

  private static InetAddress address(Call call) {
    try {
      return InetAddress.getByName(call.request().client());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the gateway knows a client by something else than its address", e);
    }
  }
}

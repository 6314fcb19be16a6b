package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistAdmin;
import java.util.List;
import java.util.Optional;

/** The networks from which a user may call. */
final class WhitelistResource {

  private static final String PATH = AdminServlet.ROOT + "users/{id}/whitelist";

  /** Every one of them is compared with the address of every request. */
  private static final int MOST_NETWORKS = 1_000;

  private static final FieldType<List<Cidr>> NETWORKS = FieldTypes.list(FieldTypes.NETWORK, MOST_NETWORKS);

  private final WhitelistAdmin whitelist;
  private final KnownUsers users;

  WhitelistResource(WhitelistAdmin whitelist, KnownUsers users) {
    this.whitelist = whitelist;
    this.users = users;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("PUT", PATH, this::replace);
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = json(users.require(call.id()).id());
    return Answer.ok(body).tagged(body);
  }

  private Answer replace(Call call) {
    String user = users.require(call.id()).id();
    Optional<List<Cidr>> networks = call.body("networks").require("networks", NETWORKS);
    call.check();
    call.expect(json(user));
    try {
      whitelist.replaceNetworks(user, networks.get());
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
    ObjectNode body = json(user);
    return Answer.ok(body).tagged(body);
  }

  private ObjectNode json(String user) {
    ObjectNode json = Json.object();
    ArrayNode networks = json.putArray("networks");
    whitelist.networksOf(user).stream().map(Cidr::toString).sorted().forEach(networks::add);
    return json;
  }
}

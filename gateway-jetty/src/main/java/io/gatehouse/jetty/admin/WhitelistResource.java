package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistAdmin;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** One of the two lists of networks of a user: from which they may call, or from which not. */
final class WhitelistResource {

  /** Every one of them is compared with the address of every request. */
  private static final int MOST_NETWORKS = 1_000;

  private static final FieldType<List<Cidr>> NETWORKS = FieldTypes.list(FieldTypes.NETWORK, MOST_NETWORKS);

  private final String path;
  private final Function<String, List<Cidr>> networksOf;
  private final BiConsumer<String, List<Cidr>> replace;
  private final KnownUsers users;

  private WhitelistResource(
      String list,
      Function<String, List<Cidr>> networksOf,
      BiConsumer<String, List<Cidr>> replace,
      KnownUsers users) {
    this.path = AdminServlet.ROOT + "users/{id}/" + list;
    this.networksOf = networksOf;
    this.replace = replace;
    this.users = users;
  }

  /** From where a user may call. */
  static WhitelistResource allowed(WhitelistAdmin whitelist, KnownUsers users) {
    return new WhitelistResource("whitelist", whitelist::networksOf, whitelist::replaceNetworks, users);
  }

  /** From where a user may not call, whatever else is said. */
  static WhitelistResource denied(WhitelistAdmin whitelist, KnownUsers users) {
    return new WhitelistResource("denylist", whitelist::deniedTo, whitelist::replaceDenied, users);
  }

  void addTo(Router router) {
    router.add("GET", path, this::show);
    router.add("PUT", path, this::replace);
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
      replace.accept(user, networks.get());
    } catch (IllegalArgumentException e) {
      throw KnownUsers.missing(); // all else was checked
    }
    ObjectNode body = json(user);
    return Answer.ok(body).tagged(body);
  }

  private ObjectNode json(String user) {
    ObjectNode json = Json.object();
    ArrayNode networks = json.putArray("networks");
    networksOf.apply(user).stream().map(Cidr::toString).sorted().forEach(networks::add);
    return json;
  }
}

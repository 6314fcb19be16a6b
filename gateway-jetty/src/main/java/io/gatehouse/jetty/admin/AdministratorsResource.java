package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.Administrator;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.Role;
import io.gatehouse.core.key.AdministratorTokens;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Faults;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/** Administrators: list, add, give another token, take the right away. A token is told once, in the answer that made it. */
final class AdministratorsResource {

  private static final String PATH = AdminServlet.ROOT + "administrators";
  private static final String ONE = PATH + "/{id}";

  private static final FieldType<Role> ROLE = FieldTypes.choice(Role.class);

  private final AdministratorAdmin administrators;
  private final AdministratorTokens tokens;
  private final InstantSource clock;

  AdministratorsResource(AdministratorAdmin administrators, AdministratorTokens tokens, InstantSource clock) {
    this.administrators = administrators;
    this.tokens = tokens;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("POST", PATH, this::add);
    router.add("GET", ONE, this::show);
    router.add("DELETE", ONE, this::revoke);
    router.add("POST", ONE + "/rotate", this::rotate);
  }

  private Answer list(Call call) {
    Optional<String> after = call.query().get("after", FieldTypes.ID_TEXT);
    int size = Page.size(call);
    call.check();
    return Page.answer(
        call,
        PATH,
        Json.object(),
        "administrators",
        size,
        administrators.administrators(after.orElse(""), size + 1),
        AdministratorsResource::json,
        Administrator::id,
        Map.of());
  }

  private Answer add(Call call) {
    Fields body = call.body("name", "role", "tenant");
    Optional<String> name = body.require("name", FieldTypes.USER_NAME);
    Optional<Role> role = body.require("role", ROLE);
    Optional<String> tenant = body.clearable("tenant", FieldTypes.TENANT, Optional.empty());
    role.ifPresent(each -> requireFit(each, body, call.faults()));
    call.check();
    AdministratorTokens.Issued issued = tokens.issue();
    Administrator fresh =
        new Administrator(
            TimeOrderedId.next(clock),
            name.get(),
            role.get(),
            tenant,
            issued.start(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    administrators.addAdministrator(fresh, issued.digest());
    return Answer.created(PATH + "/" + fresh.id(), told(issued, fresh)).tagged(json(fresh));
  }

  private static void requireFit(Role role, Fields body, Faults faults) {
    boolean named = body.says("tenant") && !body.saysNull("tenant");
    if (role == Role.TENANT && !named) {
      faults.add("tenant", "missing (expected: the name of a tenant, with the role tenant)");
    } else if (role != Role.TENANT && named) {
      faults.add("tenant", "beside " + FieldTypes.nameOf(role) + " (expected: only with the role tenant)");
    }
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = json(require(call.id()));
    return Answer.ok(body).tagged(body);
  }

  private Answer revoke(Call call) {
    Administrator administrator = require(call.id());
    call.check();
    call.expect(json(administrator));
    administrators.deleteAdministrator(administrator.id());
    return Answer.noContent();
  }

  private Answer rotate(Call call) {
    Administrator administrator = require(call.id());
    call.bodyIfAny();
    call.check();
    call.expect(json(administrator));
    AdministratorTokens.Issued issued = tokens.issue();
    Administrator changed = administrator.withStart(issued.start());
    administrators.replaceToken(administrator.id(), issued.start(), issued.digest());
    return Answer.ok(told(issued, changed)).tagged(json(changed));
  }

  private Administrator require(String id) {
    return administrators
        .administrator(id)
        .orElseThrow(() -> ProblemException.notFound("There is no administrator with this id."));
  }

  /** The one answer that holds the token. */
  private static ObjectNode told(AdministratorTokens.Issued issued, Administrator administrator) {
    ObjectNode body = Json.object().put("token", issued.token());
    body.setAll(json(administrator));
    return body;
  }

  private static ObjectNode json(Administrator administrator) {
    return Json.object()
        .put("id", administrator.id())
        .put("name", administrator.name())
        .put("role", FieldTypes.nameOf(administrator.role()))
        .put("tenant", administrator.tenant().orElse(null))
        .put("start", administrator.start())
        .put("created_at", administrator.createdAt().toString());
  }
}

package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import io.gatehouse.key.UserAdmin.Order;
import io.gatehouse.key.UserAdmin.Question;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.plan.UserPlan;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Users: list, find, add, rename, switch off and on, give to a tenant, delete. */
final class UsersResource {

  private static final String PATH = AdminServlet.ROOT + "users";
  private static final String ONE = PATH + "/{id}";

  private static final FieldType<Order> ORDER = FieldTypes.choice(Order.class);

  private final UserAdmin users;
  private final PlanAdmin plans;
  private final KnownUsers known;
  private final InstantSource clock;

  UsersResource(UserAdmin users, PlanAdmin plans, KnownUsers known, InstantSource clock) {
    this.users = users;
    this.plans = plans;
    this.known = known;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("POST", PATH, this::add);
    router.add("GET", ONE, this::show);
    router.add("PATCH", ONE, this::change);
    router.add("DELETE", ONE, this::delete);
  }

  private Answer list(Call call) {
    Optional<String> name = call.query().get("name", FieldTypes.USER_NAME);
    Optional<String> after = call.query().get("after", FieldTypes.ID_TEXT);
    Optional<String> prefix = call.query().get("name_prefix", FieldTypes.USER_NAME);
    Optional<String> tenant = call.query().get("tenant", FieldTypes.TENANT);
    Optional<Boolean> enabled = call.query().get("enabled", FieldTypes.TRUE_OR_FALSE);
    Optional<String> plan = call.query().get("plan", FieldTypes.PLAN);
    Order order = call.query().get("order", ORDER).orElse(Order.OLDEST);
    int size = Page.size(call);
    if (name.isPresent() && call.query().texts().size() > 1) {
      call.faults().add("name", "together with others (expected: alone; a name has one user)");
    }
    tenant.ifPresent(each -> requireOwn(tenant, call));
    call.check();
    List<User> found =
        name.isPresent()
            ? users.userNamed(name.get()).filter(user -> call.caller().mayKnow(user.tenant())).stream().toList()
            : users.users(
                new Question(
                    prefix.orElse(""), call.caller().tenant().or(() -> tenant), enabled, plan, order, after.orElse("")),
                size + 1);
    Map<String, UserPlan> on = plans.userPlans(found.stream().map(User::id).toList());
    return Page.answer(
        call,
        PATH,
        Json.object(),
        "users",
        size,
        found,
        user -> json(user, on.getOrDefault(user.id(), UserPlan.NONE)),
        User::id,
        Map.of());
  }

  private Answer add(Call call) {
    Fields body = call.body("name", "tenant");
    Optional<String> name = body.require("name", FieldTypes.USER_NAME);
    Optional<String> tenant = body.clearable("tenant", FieldTypes.TENANT, call.caller().tenant());
    requireOwn(tenant, call);
    call.check();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    User user = new User(TimeOrderedId.next(clock), name.get(), true, now, tenant);
    try {
      users.addUser(user);
    } catch (IllegalArgumentException e) {
      throw ProblemException.nameTaken(user.name()); // the id is new
    }
    ObjectNode json = json(user, UserPlan.NONE);
    return Answer.created(PATH + "/" + user.id(), json).tagged(json);
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = json(known.require(call.id()));
    return Answer.ok(body).tagged(body);
  }

  private Answer change(Call call) {
    User user = known.require(call.id());
    Fields body = call.body("name", "enabled", "tenant");
    String name = body.get("name", FieldTypes.USER_NAME).orElse(user.name());
    boolean enabled = body.get("enabled", FieldTypes.BOOLEAN).orElse(user.enabled());
    Optional<String> tenant = body.clearable("tenant", FieldTypes.TENANT, user.tenant());
    requireOwn(tenant, call);
    call.check();
    call.expect(json(user));
    User changed = new User(user.id(), name, enabled, user.createdAt(), tenant);
    try {
      if (!users.updateUser(changed)) {
        throw KnownUsers.missing();
      }
    } catch (IllegalArgumentException e) {
      throw ProblemException.nameTaken(name);
    }
    ObjectNode json = json(changed);
    return Answer.ok(json).tagged(json);
  }

  private Answer delete(Call call) {
    User user = known.require(call.id());
    call.check();
    call.expect(json(user));
    if (!users.deleteUser(user.id())) {
      throw KnownUsers.missing();
    }
    return Answer.noContent();
  }

  /** Who administers one tenant has no say in another, nor in what belongs to none. */
  private static void requireOwn(Optional<String> tenant, Call call) {
    if (!call.caller().mayKnow(tenant)) {
      call.faults().add("tenant", "not yours (expected: " + call.caller().tenant().orElseThrow() + ", or left out)");
    }
  }

  private ObjectNode json(User user) {
    return json(user, plans.userPlan(user.id()));
  }

  private static ObjectNode json(User user, UserPlan on) {
    ObjectNode json = Json.object()
        .put("id", user.id())
        .put("name", user.name())
        .put("enabled", user.enabled())
        .put("created_at", user.createdAt().toString())
        .put("tenant", user.tenant().orElse(null));
    return UserPlanResource.put(json, on);
  }
}

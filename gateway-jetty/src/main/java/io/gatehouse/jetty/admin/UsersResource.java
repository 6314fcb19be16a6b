package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Users: list, find, add, rename, switch off and on, give to a tenant, delete. */
final class UsersResource {

  private static final String PATH = AdminServlet.ROOT + "users";
  private static final String ONE = PATH + "/{id}";
  private static final int USUAL_PAGE = 50;
  private static final int LARGEST_PAGE = 200;
  private static final Pattern SIZE = Pattern.compile("[1-9][0-9]?|1[0-9][0-9]|200");

  private static final FieldType<Integer> PAGE_SIZE =
      FieldTypes.text("1 to " + LARGEST_PAGE, text -> SIZE.matcher(text).matches()).map(Integer::valueOf);

  private final UserAdmin users;
  private final KnownUsers known;
  private final InstantSource clock;

  UsersResource(UserAdmin users, KnownUsers known, InstantSource clock) {
    this.users = users;
    this.known = known;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list, "after", "limit", "name");
    router.add("POST", PATH, this::add);
    router.add("GET", ONE, this::show);
    router.add("PATCH", ONE, this::change);
    router.add("DELETE", ONE, this::delete);
  }

  private Answer list(Call call) {
    Optional<String> name = call.query().get("name", FieldTypes.USER_NAME);
    Optional<String> after = call.query().get("after", FieldTypes.ID_TEXT);
    Optional<Integer> limit = call.query().get("limit", PAGE_SIZE);
    if (name.isPresent() && (after.isPresent() || limit.isPresent())) {
      call.faults().add("name", "together with after or limit (expected: alone; a name has one user)");
    }
    call.check();
    if (name.isPresent()) {
      return page(users.userNamed(name.get()).map(List::of).orElse(List.of()), Optional.empty(), 1);
    }
    int size = limit.orElse(USUAL_PAGE);
    List<User> found = users.users(after.orElse(""), size + 1);
    if (found.size() <= size) {
      return page(found, Optional.empty(), size);
    }
    return page(found.subList(0, size), Optional.of(found.get(size - 1).id()), size);
  }

  private static Answer page(List<User> users, Optional<String> next, int size) {
    ObjectNode body = Json.object();
    ArrayNode rows = body.putArray("users");
    users.forEach(user -> rows.add(json(user)));
    body.put("next", next.orElse(null));
    Answer answer = Answer.ok(body);
    return next
        .map(id -> answer.with("Link", "<" + PATH + "?after=" + id + "&limit=" + size + ">; rel=\"next\""))
        .orElse(answer);
  }

  private Answer add(Call call) {
    Fields body = call.body("name", "tenant");
    Optional<String> name = body.require("name", FieldTypes.USER_NAME);
    Optional<String> tenant = body.clearable("tenant", FieldTypes.TENANT, Optional.empty());
    call.check();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    User user = new User(TimeOrderedId.next(clock), name.get(), true, now, tenant);
    try {
      users.addUser(user);
    } catch (IllegalArgumentException e) {
      throw ProblemException.nameTaken(user.name()); // the id is new
    }
    return Answer.created(PATH + "/" + user.id(), json(user)).tagged(json(user));
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
    return Answer.ok(json(changed)).tagged(json(changed));
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

  private static ObjectNode json(User user) {
    return Json.object()
        .put("id", user.id())
        .put("name", user.name())
        .put("enabled", user.enabled())
        .put("created_at", user.createdAt().toString())
        .put("tenant", user.tenant().orElse(null));
  }
}

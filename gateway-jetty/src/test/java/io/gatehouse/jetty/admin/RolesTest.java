package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.admin.Role;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Operation;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what, operation by operation, and what somebody bound to a tenant can see. */
class RolesTest {

  private static final Set<String> OWNERS_ONLY = Set.of("administrators", "settings", "reload");

  private static RunningAdmin admin;
  private static final Map<Role, String> TOKENS = new EnumMap<>(Role.class);
  private static String own;
  private static String ownKey;
  private static String foreign;
  private static String foreignKey;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    admin = RunningAdmin.start(directory);
    for (Role role : Role.values()) {
      String tenant = role == Role.TENANT ? ",\"tenant\":\"acme\"" : "";
      Reply added =
          admin.send(
              "POST", "/administrators", "{\"name\":\"" + role + "\",\"role\":\"" + FieldTypes.nameOf(role) + "\"" + tenant + "}");
      assertThat(added.status()).isEqualTo(201);
      TOKENS.put(role, added.text("token"));
    }
    own = admin.send("POST", "/users", "{\"name\":\"own\",\"tenant\":\"acme\"}").text("id");
    ownKey = admin.send("POST", "/keys", "{\"user\":\"" + own + "\"}").text("id");
    foreign = admin.send("POST", "/users", "{\"name\":\"foreign\",\"tenant\":\"other\"}").text("id");
    foreignKey = admin.send("POST", "/keys", "{\"user\":\"" + foreign + "\"}").text("id");
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  private static Reply as(Role role, String method, String path, String... json) throws Exception {
    String authorization = "Bearer " + TOKENS.get(role);
    return json.length == 0
        ? admin.exchange(method, "/api/v1/" + path, BodyPublishers.noBody(), "Authorization", authorization)
        : admin.exchange(
            method,
            "/api/v1/" + path,
            BodyPublishers.ofString(json[0]),
            "Authorization",
            authorization,
            "Content-Type",
            "application/json");
  }

  @Test
  void every_operation_asks_for_the_role_that_the_table_says() throws Exception {
    for (Operation operation : Operations.ALL) {
      for (Role role : Role.values()) {
        // Nothing has this id, and the body says nothing that is known: whoever may ask is told so, and nothing happens.
        String path = operation.path().replace(Operation.ID, "nobody");
        Reply reply =
            operation.method().equals("GET") || operation.method().equals("DELETE")
                ? as(role, operation.method(), path + "?nonsense=1")
                : as(role, operation.method(), path, "{\"nonsense\":1}");

        if (operation.roles().contains(role)) {
          assertThat(reply.status()).as("%s as %s", operation.id(), role).isIn(400, 404);
        } else {
          assertThat(reply.status()).as("%s as %s", operation.id(), role).isEqualTo(403);
          assertThat(reply.problem()).isEqualTo("role-insufficient");
        }
      }
    }
  }

  @Test
  void everybody_is_told_who_they_are_and_what_they_may_do() throws Exception {
    for (Role role : Role.values()) {
      JsonNode myself = as(role, "GET", "me").json();

      assertThat(myself.path("name").textValue()).isEqualTo(role.toString());
      assertThat(myself.path("role").textValue()).isEqualTo(FieldTypes.nameOf(role));
      assertThat(myself.path("tenant").textValue()).isEqualTo(role == Role.TENANT ? "acme" : null);
      List<String> told = new ArrayList<>();
      myself.path("operations").forEach(each -> told.add(each.textValue()));
      assertThat(told).containsExactlyElementsOf(
          Operations.ALL.stream().filter(each -> each.roles().contains(role)).map(Operation::id).toList());
    }
    assertThat(admin.get("/me").text("id")).isEqualTo("configuration");
  }

  @Test
  void a_viewer_changes_nothing_and_an_operator_everything_but_administrators_and_settings() {
    for (Operation operation : Operations.ALL) {
      boolean changes = operation.effect() == Operation.Effect.CHANGES;
      assertThat(operation.roles()).as(operation.id()).contains(Role.OWNER);
      assertThat(operation.roles().contains(Role.VIEWER) && changes).as(operation.id()).isFalse();
      assertThat(operation.roles().contains(Role.OPERATOR))
          .as(operation.id())
          .isEqualTo(!OWNERS_ONLY.contains(operation.path().split("/")[0]));
    }
  }

  @Test
  void what_is_not_of_the_tenant_looks_as_if_it_were_not_there() throws Exception {
    for (Operation operation : Operations.ALL) {
      if (operation.hasId() && operation.roles().contains(Role.TENANT)) {
        boolean key = operation.path().startsWith("keys") || operation.path().startsWith("usage");
        boolean tenant = operation.path().startsWith("tenants");
        Reply there = ask(operation, tenant ? "other" : key ? foreignKey : foreign);
        Reply nowhere = ask(operation, tenant ? "nobodys" : "nobody");

        assertThat(there.status()).as(operation.id()).isEqualTo(404);
        assertThat(there.json()).as(operation.id()).isEqualTo(nowhere.json());
      }
    }

    assertThat(as(Role.OWNER, "GET", "users/" + foreign).status()).isEqualTo(200);
    assertThat(as(Role.OWNER, "GET", "keys/" + foreignKey).status()).isEqualTo(200);
  }

  @Test
  void who_is_bound_to_a_tenant_cannot_try_out_whose_hashes_are_there() throws Exception {
    String imported = "{\"user\":\"" + own + "\",\"hash\":\"" + "ab".repeat(32) + "\"}";

    Reply refused = as(Role.TENANT, "POST", "keys", imported);

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.problem()).isEqualTo("role-insufficient");
    assertThat(as(Role.OPERATOR, "POST", "keys", imported).status()).isEqualTo(201);
    assertThat(as(Role.TENANT, "POST", "keys", imported).json()).isEqualTo(refused.json());
  }

  private static Reply ask(Operation operation, String id) throws Exception {
    String path = operation.path().replace(Operation.ID, id);
    return operation.body().isPresent()
        ? as(Role.TENANT, operation.method(), path, "{}")
        : as(Role.TENANT, operation.method(), path);
  }

  @Test
  void who_is_bound_to_a_tenant_lists_and_manages_its_users_only() throws Exception {
    assertThat(ids(as(Role.TENANT, "GET", "users").json().path("users"))).contains(own).doesNotContain(foreign);
    assertThat(as(Role.TENANT, "GET", "users?name=foreign").json().path("users")).isEmpty();
    assertThat(as(Role.TENANT, "GET", "users?tenant=other").faulty()).containsExactly("tenant");
    assertThat(as(Role.TENANT, "GET", "keys?user=" + foreign).status()).isEqualTo(404);
    assertThat(as(Role.TENANT, "GET", "keys?user=" + own).status()).isEqualTo(200);

    Reply added = as(Role.TENANT, "POST", "users", "{\"name\":\"fresh\"}");
    assertThat(added.text("tenant")).isEqualTo("acme");
    String path = "users/" + added.text("id");
    assertThat(as(Role.TENANT, "PATCH", path, "{\"enabled\":false}").status()).isEqualTo(200);
    assertThat(as(Role.TENANT, "PATCH", path, "{\"tenant\":\"other\"}").faulty()).containsExactly("tenant");
    assertThat(as(Role.TENANT, "PATCH", path, "{\"tenant\":null}").faulty()).containsExactly("tenant");
    assertThat(as(Role.TENANT, "POST", "users", "{\"name\":\"x\",\"tenant\":null}").faulty()).containsExactly("tenant");
    assertThat(as(Role.TENANT, "GET", path + "/limits").status()).isEqualTo(200);
    assertThat(as(Role.TENANT, "PUT", path + "/limits", "{\"limits\":[]}").status()).isEqualTo(403);
    assertThat(as(Role.TENANT, "GET", "keys/" + ownKey + "/limits").status()).isEqualTo(200);
    assertThat(as(Role.TENANT, "GET", "tenants/acme/limits").status()).isEqualTo(200);
    Reply key = as(Role.TENANT, "POST", "keys", "{\"user\":\"" + added.text("id") + "\"}");
    assertThat(key.status()).isEqualTo(201);
    assertThat(as(Role.TENANT, "POST", "keys", "{\"user\":\"" + foreign + "\"}").faulty()).containsExactly("user");
    assertThat(as(Role.TENANT, "POST", "keys/" + key.text("id") + "/rotate", "{}").status()).isEqualTo(201);
    assertThat(as(Role.TENANT, "DELETE", path).status()).isEqualTo(204);
  }

  private static List<String> ids(JsonNode rows) {
    return rows.findValuesAsText("id");
  }

  @Test
  void a_token_is_told_once_and_ends_at_once() throws Exception {
    Reply added = admin.send("POST", "/administrators", "{\"name\":\"brief\",\"role\":\"viewer\"}");
    String path = "/administrators/" + added.text("id");
    String first = added.text("token");
    assertThat(first).matches("gatehouse_admin_[0-9A-Za-z]{48}").startsWith(added.text("start"));
    assertThat(admin.get(path).json().has("token")).isFalse();
    assertThat(admin.get("/administrators").json().toString()).contains(added.text("id")).doesNotContain(first);
    assertThat(with(first)).isEqualTo(200);

    String second = admin.send("POST", path + "/rotate", BodyPublishers.noBody()).text("token");
    assertThat(with(first)).isEqualTo(401);
    assertThat(with(second)).isEqualTo(200);

    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(with(second)).isEqualTo(401);
    assertThat(admin.get(path).status()).isEqualTo(404);
    assertThat(admin.send("POST", path + "/rotate", BodyPublishers.noBody()).status()).isEqualTo(404);
  }

  private static int with(String token) throws Exception {
    // Each token from an address of its own: wrong ones are counted.
    return admin
        .exchange(
            "GET", "/api/v1/users", BodyPublishers.noBody(),
            "Authorization", "Bearer " + token, "X-Forwarded-For", "192.0.2." + (token.hashCode() & 0x7f))
        .status();
  }

  @Test
  void a_wrong_administrator_is_told_field_by_field() throws Exception {
    assertThat(admin.send("POST", "/administrators", "{\"nmae\":1,\"role\":\"root\"}").faulty())
        .containsExactlyInAnyOrder("nmae", "name", "role");
    assertThat(admin.send("POST", "/administrators", "{\"name\":\"a\",\"role\":\"tenant\"}").faulty())
        .containsExactly("tenant");
    assertThat(admin.send("POST", "/administrators", "{\"name\":\"a\",\"role\":\"tenant\",\"tenant\":null}").faulty())
        .containsExactly("tenant");
    assertThat(admin.send("POST", "/administrators", "{\"name\":\"a\",\"role\":\"tenant\",\"tenant\":\"/\"}").faulty())
        .containsExactly("tenant");
    assertThat(
            admin.send("POST", "/administrators", "{\"name\":\"a\",\"role\":\"owner\",\"tenant\":\"acme\"}").faulty())
        .containsExactly("tenant");
  }

  @Test
  void an_address_that_guesses_is_not_listened_to_and_others_are() throws Exception {
    for (int i = 0; i < Administrators.FAILURES_PER_MINUTE; i++) {
      assertThat(guess("guess-" + i, "198.51.100.7").status()).isEqualTo(401);
    }

    Reply wrong = guess("another", "198.51.100.7");
    Reply right = guess(RunningAdmin.TOKEN, "198.51.100.7");
    assertThat(wrong.status()).isEqualTo(429);
    assertThat(wrong.problem()).isEqualTo("admin-failures-exceeded");
    assertThat(Integer.parseInt(wrong.header("Retry-After"))).isBetween(1, 60);
    assertThat(right.status()).isEqualTo(429);
    assertThat(guess(RunningAdmin.TOKEN, "198.51.100.8").status()).isEqualTo(200);
    for (int i = 0; i <= Administrators.FAILURES_PER_MINUTE; i++) {
      assertThat(admin.exchange("GET", "/api/v1/users", BodyPublishers.noBody(), "X-Forwarded-For", "198.51.100.9").status())
          .isEqualTo(401);
    }
    assertThat(guess(RunningAdmin.TOKEN, "198.51.100.9").status()).isEqualTo(200);
  }

  private static Reply guess(String token, String address) throws Exception {
    return admin.exchange(
        "GET", "/api/v1/users", BodyPublishers.noBody(), "Authorization", "Bearer " + token, "X-Forwarded-For", address);
  }
}

package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import io.gatehouse.jetty.api.Operation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is sent, the fault is never the gateway's, and what it refuses leaves no trace in the database. Every operation
 * that takes a document is sent some hundred that follow from its number; with {@code -Dgatehouse.soak}, 10,000, and with
 * {@code -Dgatehouse.documents=N}, so many. Requests come without sockets, so that this is fast.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RandomDocumentsTest {

  private static final int DOCUMENTS =
      Integer.getInteger("gatehouse.documents", Integer.getInteger("gatehouse.soak", 0) > 0 ? 10_000 : 400);
  private static final String[] NAMES = {
    "name", "enabled", "user", "scopes", "expires_at", "grace", "networks", "limits", "permits", "period",
    "burst", "algorithm", "plan", "title", "options", "at", "tenant", "quotas", "meter", "window", "most", "url", "weight", "state",
    "health_check_interval", "ttl", "role", "all", "time_zone", "billing_day", "key", "key_id", "address", "target", "nmae", "",
    "\u0000"
  };
  private static final String[] TEXTS = {
    "", " ", "a", "GET", "* /x", "\n", "\u0000", "\ud800", "😀", "10.0.0.0/8", "::/0", "1.2.3.4/99", "1m",
    "PT1S", "0s", "99999999999d", "P9999999999999D", "2999-01-01T00:00:00Z", "+999999999-12-31T23:59:59Z", "day",
    "month", "concurrency", "sliding-log", "bytes", "requests", "enabled", "draining", "http://127.0.0.1:11", "http://u:p@h",
    "https://[::1]:99999", "mailto:a", "%", "'; DROP TABLE users; --",
    "owner", "tenant", "acme", "Europe/Berlin", "UTC", "lifetime", "stored-bytes", "overage", "/x?y=1", "gk_live_x"
  };

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper ESCAPING =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private RunningAdmin admin;
  private String user;
  private String key;

  /** Of a key that may make others, of a user of its own: what is tried on the other shuts it out. */
  private String secret;

  /** Another key of that user. */
  private String ownKey;

  /** The settings of the database. */
  abstract Map<String, String> database();

  /** What changes when anything is written to the database. */
  abstract String state() throws Exception;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    admin = RunningAdmin.start(directory, database());
    user = admin.user("target");
    key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("id");
    String ofHolder = "{\"user\":\"" + admin.user("holder") + "\",\"scopes\":[\"account:keys\"]}";
    secret = admin.send("POST", "/keys", ofHolder).text("key");
    ownKey = admin.send("POST", "/keys", ofHolder).text("id");
  }

  @AfterAll
  void stop() throws Exception {
    admin.close();
  }

  /** What may spend comes last: it is counted, and counts are written later. */
  static List<String> operations() {
    return OpenApi.operations().stream()
        .filter(operation -> operation.body().isPresent())
        .sorted(Comparator.comparing(Operation::effect).reversed())
        .map(Operation::id)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void no_document_makes_the_gateway_fail_or_leaves_half_a_change(String id) throws Exception {
    Operation operation = OpenApi.operations().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    String credential =
        operation.permission().isPresent() ? "X-API-Key: " + secret : "Authorization: Bearer " + RunningAdmin.TOKEN;
    Random random = new Random(id.hashCode());
    String kind = operation.path().split("/", 2)[0];
    String owner = Map.of("tenants", "acme", "keys", key, "account", ownKey).getOrDefault(kind, user);
    String target = "/api/v1/" + operation.path().replace(Operation.ID, owner);
    List<String> fields = new ArrayList<>();
    OpenApi.document().path("components").path("schemas").path(operation.body().orElseThrow()).path("properties")
        .fieldNames().forEachRemaining(fields::add);
    int understood = 0;
    String before = state();
    for (int i = 0; i < DOCUMENTS; i++) {
      String document = document(random, fields.toArray(String[]::new));
      String path = target + (random.nextInt(10) == 0 ? "?dryRun=true" : "");

      Reply reply = admin.sendLocally(operation.method(), path, document, credential);

      assertThat(reply.status()).as("%s %s %s", operation.method(), path, document).isBetween(200, 499);
      understood += reply.problem().equals("malformed-json") ? 0 : 1;
      boolean changed = operation.effect() == Operation.Effect.CHANGES && reply.status() < 300 && !path.contains("?");
      if (changed) {
        before = state();
      } else if (operation.effect() == Operation.Effect.CHANGES) {
        assertThat(state()).as("%s %s %s", operation.method(), path, document).isEqualTo(before);
      }
    }
    assertThat(understood).isGreaterThan(DOCUMENTS / 2);
  }

  /** Mostly an object with the fields of the operation; sometimes anything else, or cut off. */
  private String document(Random random, String[] fields) throws Exception {
    ObjectMapper writer = random.nextBoolean() ? JSON : ESCAPING;
    if (random.nextInt(10) == 0) {
      return writer.writeValueAsString(value(random, 4));
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (String field : fields) {
      if (random.nextInt(5) > 0) {
        object.set(field, random.nextInt(3) == 0 ? value(random, 4) : likely(random, field));
      }
    }
    String text = writer.writeValueAsString(object);
    return random.nextInt(20) == 0 ? text.substring(0, random.nextInt(text.length())) : text;
  }

  /** A value of about the right kind. */
  private JsonNode likely(Random random, String field) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (field) {
      case "user" -> nodes.textNode(user);
      case "role" -> nodes.textNode(random.nextBoolean() ? "viewer" : "tenant");
      case "tenant" -> nodes.textNode("acme");
      case "grace", "ttl" -> nodes.textNode("1h");
      case "billing_day" -> nodes.numberNode(random.nextInt(33));
      case "enabled", "all", "spend" -> nodes.booleanNode(random.nextBoolean());
      case "weight" -> nodes.numberNode(random.nextInt(103) - 1);
      case "scopes", "networks" -> {
        ArrayNode list = nodes.arrayNode();
        random.ints(random.nextInt(3), 0, TEXTS.length).forEach(i -> list.add(TEXTS[i]));
        yield list;
      }
      case "limits", "quotas" -> {
        ArrayNode list = nodes.arrayNode();
        list.addObject()
            .put("permits", random.nextInt(4)).put("period", "1m")
            .put("meter", "bytes").put("window", "day").put("most", random.nextLong());
        list.add(value(random, 3));
        ((ObjectNode) list.get(0)).remove(
            field.equals("limits") ? List.of("meter", "window", "most") : List.of("permits", "period"));
        if (random.nextBoolean()) {
          list.remove(1);
        }
        yield list;
      }
      default -> nodes.textNode(TEXTS[random.nextInt(TEXTS.length)]);
    };
  }

  private static JsonNode value(Random random, int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0:
        return nodes.nullNode();
      case 1:
        return nodes.booleanNode(random.nextBoolean());
      case 2:
        return nodes.numberNode(random.nextLong() >> random.nextInt(64));
      case 3:
        return nodes.numberNode(new BigDecimal(new BigInteger(200, random), random.nextInt(400) - 200));
      case 4:
        return nodes.numberNode(random.nextGaussian() * 1e10);
      case 5:
        return nodes.textNode(TEXTS[random.nextInt(TEXTS.length)]);
      case 6:
        StringBuilder text = new StringBuilder();
        random.ints(random.nextInt(300), 0, 0x10000).forEach(c -> text.append((char) c));
        return nodes.textNode(text.toString());
      case 7:
        ArrayNode list = nodes.arrayNode();
        for (int i = random.nextInt(5); i > 0; i--) {
          list.add(value(random, depth - 1));
        }
        return list;
      default:
        ObjectNode object = nodes.objectNode();
        for (int i = random.nextInt(5); i > 0; i--) {
          object.set(NAMES[random.nextInt(NAMES.length)], value(random, depth - 1));
        }
        return object;
    }
  }
}

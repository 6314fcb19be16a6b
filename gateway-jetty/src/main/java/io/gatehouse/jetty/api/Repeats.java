package io.gatehouse.jetty.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.GivenAnswer;
import io.gatehouse.admin.GivenAnswers;
import io.gatehouse.core.key.Seal;
import io.gatehouse.jetty.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Gives the answer of a request again when the same request comes again with the same {@value #FIELD}
 * (draft-ietf-httpapi-idempotency-key-header). Answers are kept in the transaction of the change that they tell of, so a
 * change is made once, whichever node is asked and whatever fails in between; those of requests that changed nothing are not
 * kept, and such a request is judged anew.
 *
 * <p>An answer may hold a secret that was made by it. Therefore it is sealed with the key of the client, of which only a
 * digest is kept. Any number of threads.
 */
public final class Repeats {

  /** The field of the client's key: {@value}. */
  public static final String FIELD = "Idempotency-Key";

  private static final Pattern KEY = Pattern.compile("\"([\\x20-\\x7e&&[^\"\\\\]]{1,255})\"|([\\x21-\\x7e&&[^\"\\\\]]{1,255})");

  private final GivenAnswers answers;
  private final Seal seal;
  private final InstantSource clock;

  /** The requests with a key that this node is at: caller and key. */
  private final Set<String> running = ConcurrentHashMap.newKeySet();

  public Repeats(GivenAnswers answers, Seal seal, InstantSource clock) {
    this.answers = answers;
    this.seal = seal;
    this.clock = clock;
  }

  /** A request with a key, between its beginning and its end on this node. */
  public final class Turn implements AutoCloseable {

    private final String caller;
    private final String word;
    private final String request;

    private Turn(String caller, String word, String request) {
      this.caller = caller;
      this.word = word;
      this.request = request;
    }

    /** The answer that was given before; to be asked for, as {@link #keep}, within the transaction of the change. */
    Optional<Answer> before() {
      Optional<GivenAnswer> given = answers.find(caller, seal.digest(word), clock.instant().minus(GivenAnswers.KEPT));
      if (given.isPresent() && !given.get().request().equals(request)) {
        throw new ProblemException(
            Problem.of(
                422,
                "idempotency-key-reused",
                "Idempotency key reused",
                "Another request was made with this " + FIELD + "; take a new one for each request."));
      }
      return given.flatMap(answer -> seal.open(word, answer.sealed())).map(Repeats::answer);
    }

    void keep(Answer answer) {
      String sealed = seal.close(word, text(answer));
      answers.keep(new GivenAnswer(caller, seal.digest(word), request, sealed, clock.instant()));
    }

    @Override
    public void close() {
      running.remove(word);
    }
  }

  /**
   * Begins a request that has a key.
   *
   * @return empty when it has none
   */
  public Optional<Turn> begin(Router.Match match, Call call) {
    Optional<String> field = call.request().field(FIELD);
    if (field.isEmpty() || !match.operation().method().equals("POST")) {
      return Optional.empty();
    }
    var form = KEY.matcher(field.get().strip());
    if (!form.matches()) {
      call.faults().add(FIELD, "(expected: 1 to 255 printable characters of ASCII without quotes and backslashes)");
      throw call.faults().problem();
    }
    String word = call.actor().id() + "\n" + Objects.requireNonNullElse(form.group(1), form.group(2));
    String document = call.document().map(JsonNode::toString).orElse("");
    String digest = seal.digest(match.path() + "\n" + call.query().texts() + "\n" + document);
    if (!running.add(word)) {
      throw new ProblemException(
          Problem.of(
              409,
              "request-in-progress",
              "Request in progress",
              "The first request with this " + FIELD + " is not answered yet."))
          .with("Retry-After", "1");
    }
    return Optional.of(new Turn(call.actor().id(), word, digest));
  }

  private static String text(Answer answer) {
    ObjectNode json = Json.object().put("status", answer.status());
    ObjectNode headers = json.putObject("headers");
    answer.headers().forEach(headers::put);
    answer.body().ifPresent(body -> json.set("body", body));
    return new String(Json.bytes(json), StandardCharsets.UTF_8);
  }

  private static Answer answer(String text) {
    try {
      JsonNode json = Json.read(text);
      Map<String, String> headers = new LinkedHashMap<>();
      json.get("headers").properties().forEach(field -> headers.put(field.getKey(), field.getValue().asText()));
      Optional<ObjectNode> body = Optional.ofNullable((ObjectNode) json.get("body"));
      return new Answer(json.get("status").asInt(), body, headers, true).with("Idempotent-Replayed", "true");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer that was kept is not JSON", e);
    }
  }
}

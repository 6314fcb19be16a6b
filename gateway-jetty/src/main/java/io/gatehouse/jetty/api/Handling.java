package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.setup.Stores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what was asked for by whoever may: reads the request, and gives it to what answers it. A change is one
 * transaction, in which it is judged, made, entered into the audit log and, where the client has given it a key,
 * remembered. Such transactions happen one after the other, on all nodes, so that what a change was based on (its
 * preconditions, and the values it leaves as they are) still holds when it is made.
 *
 * <p>Any number of threads; blocks as the stores do.
 */
public final class Handling {

  private static final String DRY_RUN = "dryRun";

  private final Stores stores;
  private final Repeats repeats;
  private final Trail trail;

  public Handling(Stores stores, Repeats repeats, Trail trail) {
    this.stores = stores;
    this.repeats = repeats;
    this.trail = trail;
  }

  /** Takes the document out of a request, when it is known to be wanted. */
  @FunctionalInterface
  public interface Document {
    Optional<JsonNode> read() throws IOException;
  }

  /** Whether a change is one transaction with its entry in the audit log. */
  public enum Entry {
    ENTERED,
    /** It is done as a question is. */
    LEFT_OUT
  }

  /**
   * Carries it out, or throws a {@link ProblemException}.
   *
   * @param queryText as received; null when there is none
   */
  public Answer answer(
      Envelope envelope, Actor actor, Router.Match match, @Nullable String queryText, Document document, Entry entry)
      throws IOException {
    Operation operation = match.operation();
    boolean changes = operation.effect() == Operation.Effect.CHANGES && entry == Entry.ENTERED;
    List<String> parameters = new ArrayList<>(operation.parameterNames());
    if (changes) {
      parameters.add(DRY_RUN);
    }
    Faults faults = new Faults();
    Fields query = Query.read(queryText, parameters, faults);
    if (operation.effect() == Operation.Effect.READS) {
      return match.handler().handle(new Call(envelope, actor, match.id(), query, Optional.empty(), faults));
    }
    Call call = new Call(envelope, actor, match.id(), query, document.read(), faults);
    return changes ? change(match, call) : match.handler().handle(call);
  }

  private Answer change(Router.Match match, Call call) {
    boolean dryRun = call.query().get(DRY_RUN, FieldTypes.TRUE_OR_FALSE).orElse(false);
    Optional<Repeats.Turn> turn = dryRun ? Optional.empty() : repeats.begin(match, call);
    try {
      return stores.together(
          match.operation().id(),
          joint -> {
            Optional<Answer> before = turn.flatMap(Repeats.Turn::before);
            if (before.isPresent()) {
              return before.get();
            }
            Optional<ObjectNode> shown = trail.shown(match, call);
            Answer answer = match.handler().handle(call);
            List<Touched> touched = trail.touched(match, call, shown, answer);
            if (dryRun) {
              joint.undo();
              return Trail.told(answer, touched);
            }
            trail.enter(match, call, touched);
            turn.ifPresent(each -> each.keep(answer));
            return answer;
          });
    } finally {
      turn.ifPresent(Repeats.Turn::close);
    }
  }
}

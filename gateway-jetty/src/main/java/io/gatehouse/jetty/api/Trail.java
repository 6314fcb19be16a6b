package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.jetty.api.Router.Match;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a change did, for the audit log and for those who only want to know. What was before and what is after is what the
 * path of the changed thing answers to GET; so secrets cannot be in it, and no operation can forget to say it.
 */
public final class Trail {

  /** The type of the answer of a dry run, so that nobody takes it for the thing itself: {@value}. */
  public static final String DRY_RUN = "application/vnd.gatehouse.dry-run+json";

  private final Router router;
  private final AuditLog log;
  private final InstantSource clock;

  public Trail(Router router, AuditLog log, InstantSource clock) {
    this.router = router;
    this.log = log;
    this.clock = clock;
  }

  /** What the path of the change shows; to be asked before it is made. */
  public Optional<ObjectNode> shown(Match match, Call call) {
    return match.operation().hasId() ? shown(object(match), call) : Optional.empty();
  }

  /**
   * What was changed.
   *
   * @param before as {@link #shown} had it
   */
  public List<Touched> touched(Match match, Call call, Optional<ObjectNode> before, Answer answer) {
    if (!call.touched().isEmpty()) {
      return call.touched();
    }
    List<Touched> touched = new ArrayList<>();
    if (match.operation().hasId()) {
      touched.add(new Touched(object(match), before, shown(object(match), call)));
    }
    answer.location().ifPresent(
        location -> {
          String object = location.substring(Operation.ROOT.length());
          touched.add(new Touched(object, Optional.empty(), shown(object, call)));
        });
    return touched;
  }

  /** Enters it into the audit log, within the transaction of the change. */
  public void enter(Match match, Call call, List<Touched> touched) {
    for (Touched each : touched) {
      log.record(
          new AuditRecord(
              TimeOrderedId.next(clock),
              clock.instant(),
              call.actor().id(),
              call.actor().name(),
              call.request().client(),
              call.request().requestId(),
              match.operation().id(),
              each.object(),
              each.before().map(ObjectNode::toString).orElse(""),
              each.after().map(ObjectNode::toString).orElse("")));
    }
  }

  /** Tells what would be. */
  public static Answer told(Answer answer, List<Touched> touched) {
    ObjectNode body = Json.object().put("status", answer.status());
    ArrayNode rows = body.putArray("changes");
    for (Touched each : touched) {
      ObjectNode row = rows.addObject().put("object", each.object());
      row.set("before", each.before().orElse(null));
      row.set("after", each.after().orElse(null));
    }
    return Answer.ok(body).with("Content-Type", DRY_RUN);
  }

  private static String object(Match match) {
    return match.operation().shownBy().replace(Operation.ID, match.id());
  }

  private Optional<ObjectNode> shown(String object, Call call) {
    Match shown = router.find("GET", Operation.ROOT + object);
    Faults none = new Faults();
    Fields query = Fields.of("", Json.object(), none, List.of());
    try {
      return shown
          .handler()
          .handle(new Call(call.request(), call.actor(), shown.id(), query, Optional.empty(), none))
          .body();
    } catch (ProblemException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }
}

package io.gatehouse.jetty.live;

import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A request that was refused, without anything secret.
 *
 * @param user the id of the caller; empty when nobody was recognised
 * @param key the id of the caller's key; empty when nobody was recognised
 * @param path without the query
 */
record Refused(
    Instant at,
    Refusal.Reason reason,
    String rule,
    String user,
    String key,
    String client,
    String method,
    String path) {

  /** @param safe what leaves everything secret out of a path */
  static Refused of(Passage passage, Refusal refusal, Instant at, UnaryOperator<String> safe) {
    Optional<Subject> subject = passage.subject();
    return new Refused(
        at,
        refusal.reason(),
        refusal.rule(),
        subject.map(Subject::user).orElse(""),
        subject.map(Subject::key).orElse(""),
        passage.inbound().clientAddress().getHostAddress(),
        passage.inbound().method(),
        safe.apply(passage.inbound().path()));
  }
}

package io.gatehouse.admin;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Remembers changes. May block, may be called by many threads, throws {@link io.gatehouse.StoreException} when the store
 * cannot answer.
 */
public interface AuditLog {

  /**
   * Keeps a record; it is durable when the call returns, or together with the change where both are of one transaction.
   *
   * @throws IllegalArgumentException when its id is there already
   */
  void record(AuditRecord record);

  /**
   * The newest records that a question asks for, newest first; of the same millisecond, the one with the greatest id first.
   *
   * @param most how many at the most, 1 or more
   */
  List<AuditRecord> newest(Question question, int most);

  /** Deletes the records before a moment. Several nodes may do it at once. */
  void forget(Instant before);

  /**
   * Where a page ends.
   *
   * @param at of the last record on it
   * @param id of the last record on it
   */
  record Position(Instant at, String id) {
    public Position {
      Objects.requireNonNull(at, "at");
      Objects.requireNonNull(id, "id");
    }
  }

  /**
   * Which records are asked for: those for which all holds that is said.
   *
   * @param administrator who made the change
   * @param operation what was done
   * @param object what was changed, or what that belongs to: {@code users/01M8...} finds the user's limits as well
   * @param from inclusive
   * @param to exclusive
   * @param after the last record that is known already; those that follow it in the order of the answer are asked for
   */
  record Question(
      Optional<String> administrator,
      Optional<String> operation,
      Optional<String> object,
      Instant from,
      Instant to,
      Optional<Position> after) {

    public Question {
      Objects.requireNonNull(administrator, "administrator");
      Objects.requireNonNull(operation, "operation");
      Objects.requireNonNull(object, "object");
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
      Objects.requireNonNull(after, "after");
    }

    /** Everything between two moments. */
    public static Question between(Instant from, Instant to) {
      return new Question(Optional.empty(), Optional.empty(), Optional.empty(), from, to, Optional.empty());
    }

    /** By one administrator only. */
    public Question by(String administrator) {
      return new Question(Optional.of(administrator), operation, object, from, to, after);
    }

    /** Of one operation only. */
    public Question doing(String operation) {
      return new Question(administrator, Optional.of(operation), object, from, to, after);
    }

    /** On one object, and what belongs to it, only. */
    public Question on(String object) {
      return new Question(administrator, operation, Optional.of(object), from, to, after);
    }

    /** The page behind a position. */
    public Question after(Position position) {
      return new Question(administrator, operation, object, from, to, Optional.of(position));
    }
  }
}

package io.gatehouse.event;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Remembers single requests for some days. May block, may be called by many threads, throws
 * {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface RequestLog {

  /**
   * Keeps records, all or none; they are durable when the call returns. A record that is there already is not written
   * again, so a caller that does not know whether a write arrived writes it again.
   */
  void record(List<RequestRecord> records);

  /**
   * The newest records that a question asks for, newest first; of the same millisecond, the one with the greatest id
   * first.
   *
   * @param most how many at the most, 1 or more
   */
  List<RequestRecord> newest(Question question, int most);

  /**
   * Deletes the records before a moment, in pieces, so that nobody waits long for it. A store that keeps whole days may
   * leave those of the day in which the moment lies. Several nodes may do it at once.
   */
  void forget(Instant before);

  /**
   * Makes room for the records of now and of the next two days, in a store that has to; to be called about once an hour.
   * Several nodes may do it at once.
   *
   * @return whether there is room for the records of today and tomorrow
   */
  default boolean prepare(Instant now) {
    return true;
  }

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
   * @param user whose requests
   * @param key of which key
   * @param leastStatus the lowest status, 0 for all
   * @param mostStatus the highest status, 599 for all
   * @param from inclusive
   * @param to exclusive
   * @param after the last record that is known already; those that follow it in the order of the answer are asked for
   */
  record Question(
      Optional<String> user,
      Optional<String> key,
      int leastStatus,
      int mostStatus,
      Instant from,
      Instant to,
      Optional<Position> after) {

    public Question {
      Objects.requireNonNull(user, "user");
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
      Objects.requireNonNull(after, "after");
      if (leastStatus < 0 || mostStatus > 599 || leastStatus > mostStatus) {
        throw new IllegalArgumentException(
            "leastStatus, mostStatus: " + leastStatus + ", " + mostStatus + " (expected: 0 to 599, in order)");
      }
    }

    /** Everything between two moments. */
    public static Question between(Instant from, Instant to) {
      return new Question(Optional.empty(), Optional.empty(), 0, 599, from, to, Optional.empty());
    }

    /** Of one user only. */
    public Question of(String user) {
      return new Question(Optional.of(user), key, leastStatus, mostStatus, from, to, after);
    }

    /** Of one key only. */
    public Question with(String key) {
      return new Question(user, Optional.of(key), leastStatus, mostStatus, from, to, after);
    }

    /** With a status in a range only. */
    public Question answered(int leastStatus, int mostStatus) {
      return new Question(user, key, leastStatus, mostStatus, from, to, after);
    }

    /** The page behind a position. */
    public Question after(Position position) {
      return new Question(user, key, leastStatus, mostStatus, from, to, Optional.of(position));
    }
  }
}

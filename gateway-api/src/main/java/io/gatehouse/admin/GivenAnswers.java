package io.gatehouse.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Remembers answers for as long as a client may ask again. May block, may be called by many threads, throws
 * {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface GivenAnswers {

  /** So many answers are kept for one caller; the oldest give way: {@value}. */
  int MOST_OF_ONE = 10_000;

  /** How long an answer can be asked for again: 24 hours. */
  Duration KEPT = Duration.ofHours(24);

  /**
   * Keeps an answer, in place of an older one for this caller and key; durable with the change that it tells of where both
   * are of one transaction.
   */
  void keep(GivenAnswer answer);

  /**
   * The answer for a key, if it was given at or after a moment.
   *
   * @param key its digest
   */
  Optional<GivenAnswer> find(String caller, String key, Instant since);

  /** Deletes the answers before a moment. Several nodes may do it at once. */
  void forget(Instant before);
}

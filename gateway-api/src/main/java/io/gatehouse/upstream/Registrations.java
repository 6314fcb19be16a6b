package io.gatehouse.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Keeps backends that register themselves and beat. Time is measured by one clock for all nodes, the store's, and told
 * as what is left of it, so that nodes need no common time of day. They share their names with the backends of
 * {@link BackendAdmin}: an address is kept for good, or registered, or neither, and
 * {@link BackendAdmin#putBackend} makes one that is registered one for good.
 *
 * <p>Whoever was not heard of in time stays in the list, with nothing left, until it beats again or its place is needed,
 * so that it comes back as it was. A change is durable and atomic when the call returns. All methods may block, may be
 * called by many threads, and throw {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface Registrations {

  /** So many are kept at the most: {@value}. */
  int MOST = 256;

  /** What became of a registration. */
  enum Answer {
    /** It is kept. */
    KEPT,
    /** Nothing was done: the address is kept for good. */
    LASTING,
    /** Nothing was done: {@link #MOST} others beat. */
    FULL
  }

  /** All of them, ordered by their URI, also those that were not heard of in time. */
  List<Registration> registrations();

  /**
   * Registers a backend, or replaces what is registered with its URI; it has the whole {@code ttl} then. When all places
   * are taken, those that were not heard of in time are forgotten. One that changes nothing is a beat.
   *
   * @param ttl more than zero, in whole milliseconds
   */
  Answer register(Upstream backend, Duration ttl);

  /**
   * Gives a registered backend the whole {@code ttl} again, as it is otherwise, also one that was not heard of in time.
   * While it is heard of in time and {@code ttl} stays, nobody is told of a change.
   *
   * @param ttl more than zero, in whole milliseconds
   * @return false when none is registered with this URI
   */
  boolean beat(URI uri, Duration ttl);

  /** Forgets a registered backend. False when there was none; one that is kept for good is left alone. */
  boolean deregister(URI uri);
}

package io.gatehouse.upstream;

import io.gatehouse.Inbound;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Picks the backend for a request.
 *
 * <p>Any number of threads may call at once. Does not block.
 */
public interface Balancer {

  /**
   * Picks a backend that may be used and was not tried for this request yet.
   *
   * @param tried the identities of the backends that this request was sent to before; empty at first
   * @return empty when there is none; otherwise the caller owes exactly one of the verbs of {@link Pick}
   */
  Optional<Pick> pick(Inbound request, Set<URI> tried);

  /** How long a client had better wait when there was no pick; more than zero. Default: a second. */
  default Duration retryAfter() {
    return Duration.ofSeconds(1);
  }

  /** One backend, picked for one attempt. The first verb counts; later ones do nothing. Any thread may call. */
  interface Pick {

    Upstream upstream();

    /**
     * Its answer begins. Told once at the most, before the verb; not told of interim answers.
     *
     * @param elapsed from the pick to the head of the answer: unlike the time to its end, the client has no part in it
     * @return whether another backend would perhaps answer better, because this one has no room or is at fault. Whether
     *     the request is then repeated is for the caller to say. By default: 429 only
     */
    default boolean begins(int status, Duration elapsed) {
      return status == 429;
    }

    /**
     * Whether the backend was found hung since it was picked, so that waiting for its answer is in vain. May be asked at
     * any time, by any thread. By default: never.
     */
    default boolean lost() {
      return false;
    }

    /** It answered with this status, and the answer is complete. */
    void answered(int status, Duration elapsed);

    /** It could not be reached, or broke off. */
    void failed(Throwable cause);

    /** The attempt ended for a reason that says nothing about the backend: the client left. */
    void abandoned();

    /**
     * Another backend was asked besides, and began to answer first. No fault: whoever is asked second has had less time,
     * and wins all the same. By default the same as {@link #abandoned}.
     *
     * @param elapsed from the pick until then, in which this one has not begun to answer
     */
    default void outrun(Duration elapsed) {
      abandoned();
    }
  }
}

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
   * @return empty when there is none; otherwise the caller owes exactly one of the three verbs of {@link Pick}
   */
  Optional<Pick> pick(Inbound request, Set<URI> tried);

  /** One backend, picked for one attempt. The first verb counts; later ones do nothing. Any thread may call. */
  interface Pick {

    Upstream upstream();

    /** It answered with this status, and the answer is complete. */
    void answered(int status, Duration elapsed);

    /** It could not be reached, or broke off. */
    void failed(Throwable cause);

    /** The attempt ended for a reason that says nothing about the backend: the client left. */
    void abandoned();
  }
}

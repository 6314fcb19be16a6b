package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;

/** Prefers one of the backends that may be used. Any number of threads may call at once. */
interface Choice {

  /** The index of one; there is at least one. */
  int choose(Candidates among, Inbound request);

  /**
   * Whether it goes by the requests that backends hold, so that it must look again when those have changed before it
   * could give its request.
   */
  default boolean goesByLoad() {
    return true;
  }
}

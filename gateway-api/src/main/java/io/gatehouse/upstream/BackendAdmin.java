package io.gatehouse.upstream;

import java.net.URI;
import java.util.List;

/**
 * Keeps backends that were added, weighted or drained at run time, so that all nodes agree; those that register
 * themselves are {@link Registrations}. A change is durable and atomic when the call returns. All methods may block, may
 * be called by many threads, and throw {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface BackendAdmin {

  /** All backends that are kept for good, ordered by their URI. */
  List<Upstream> backends();

  /** Adds a backend, or replaces the one with the same URI, be it registered; it is kept for good then. */
  void putBackend(Upstream backend);

  /** Forgets a backend, be it registered. False when there was none. */
  boolean deleteBackend(URI uri);
}

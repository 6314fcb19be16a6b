package io.gatehouse.limit;

import java.util.List;
import java.util.Optional;

/** A limit policy that can be changed. A change is durable and atomic when the call returns. */
public interface LimitAdmin extends LimitPolicy {

  /**
   * Replaces all limits of an owner.
   *
   * @param limits empty to go back to the gateway's defaults; an empty list to lift all limits
   * @throws IllegalArgumentException when two limits exclude each other ({@link Limit#excludes})
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  void replaceLimits(Level level, String owner, Optional<List<Limit>> limits);
}

package io.gatehouse.limit;

import java.util.List;
import java.util.Optional;

/** Says which limits an owner has. May block; any number of threads may call at once. */
@FunctionalInterface
public interface LimitPolicy {

  /**
   * The limits of an owner, no two of which exclude each other ({@link Limit#excludes}).
   *
   * @param owner as the level says
   * @return empty when the owner has none of its own and the gateway's defaults apply; an empty list when it is not
   *     limited at all
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  Optional<List<Limit>> limitsOf(Level level, String owner);
}

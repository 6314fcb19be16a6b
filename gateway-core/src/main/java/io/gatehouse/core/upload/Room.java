package io.gatehouse.core.upload;

import io.gatehouse.Refusal;
import java.util.Optional;

/** How much users may hold. Any number of threads; may block, and throws {@link io.gatehouse.StoreException}. */
public interface Room {

  /** Takes room for bytes of a user, or says why there is none and takes none. */
  Optional<Refusal> take(String user, long bytes);

  /** Gives back what was taken. */
  void giveBack(String user, long bytes);

  /** Makes what a user has taken so much, when it is known better than it was counted. */
  void correct(String user, long bytes);
}

package io.gatehouse.core.setup;

import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Preview;
import io.gatehouse.StoreException;
import io.gatehouse.access.Countries;
import io.gatehouse.core.cache.AnswerCache;
import java.util.Optional;

/**
 * A gateway as administration sees it: one that runs ({@link Gatehouse}), or only what is kept of it ({@link AtRest}). Any
 * number of threads; blocks as its stores do.
 */
public interface Administrable {

  Stores stores();

  /** What is in force. Who needs more than one thing of it for one request takes all of them from one basis. */
  Basis snapshot();

  /** Decides, or says what it would decide. */
  Gateway gateway();

  /**
   * Whether requests pass here, so that limits are counted and something can be spent. Where not, {@link #gateway} only
   * previews, as if no rate limit were touched.
   */
  boolean runs();

  /**
   * Previews a request as if it carried the key with this id.
   *
   * @return empty when there is no such key
   * @throws StoreException when the database cannot say which key that is
   */
  Optional<Preview> preview(Inbound request, String keyId);

  /** The backends, how they are as far as that is known here, and how one of them is picked. */
  Pools pools();

  BackendRoster roster();

  /** Where addresses are; empty without a file of countries. */
  Optional<Countries> countries();

  /** The answers of backends that this process keeps; none where requests do not pass. */
  AnswerCache answers();
}

package io.gatehouse.core.key;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.gatehouse.StoreException;
import io.gatehouse.key.SlowHash;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/**
 * Compares keys with bcrypt hashes, a few at a time: each comparison takes a processor for tens of milliseconds or more,
 * and whoever knows the start of an imported key can ask for one as often as they like.
 *
 * <p>Any number of threads. A thread that finds all places taken is sent away at once; it does not wait.
 */
final class SlowHashes {

  private final Semaphore places;

  /** @param places how many comparisons may run at once, 1 or more */
  SlowHashes(int places) {
    this.places = new Semaphore(places);
  }

  /**
   * Whether this is the key that was hashed. Blocks for as long as the comparison takes.
   *
   * @throws StoreException when all places are taken
   * @throws IllegalStateException when the library is missing; the message says which
   */
  boolean matches(String text, SlowHash hash) {
    if (!places.tryAcquire()) {
      throw new StoreException("too many imported keys are compared with their bcrypt hashes at once");
    }
    try {
      // bcrypt reads 72 bytes and leaves the rest, and so did whoever has made the hash.
      return BCrypt.verifyer(BCrypt.Version.VERSION_2A, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A))
          .verify(text.getBytes(StandardCharsets.UTF_8), hash.text().getBytes(StandardCharsets.US_ASCII))
          .verified;
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException("missing library: add at.favre.lib:bcrypt to the class path", e);
    } finally {
      places.release();
    }
  }
}

package io.gatehouse.quota;

/**
 * Holds what one start of one node has counted. Where it is held decides what is left of it when the node is killed: on
 * the heap nothing, in a mapped file all of it.
 *
 * <p>Any number of threads may open counts at once.
 */
public interface QuotaCounts {

  /**
   * A new count, at zero. Does not fail and does not wait for a store.
   *
   * @param key no other count of this key may be open
   */
  Count open(QuotaKey key);

  /**
   * Two numbers that only ever grow. For one thread at a time, the caller sees to that; calls take nanoseconds and never
   * block.
   */
  interface Count {

    /** All that was added. */
    long added();

    /** All that was given back. */
    long returned();

    /**
     * Adds.
     *
     * @param amount 0 or more
     */
    void add(long amount);

    /**
     * Gives back.
     *
     * @param amount 0 or more
     */
    void giveBack(long amount);

    /**
     * Says that both numbers are written for good and need not be held any longer. They can still be read; what is added
     * later may be forgotten. Calls after the first do nothing.
     */
    void close();
  }
}

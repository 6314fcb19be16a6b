package io.gatehouse;

/**
 * Decides whether a request may pass. The whole decision is this one call; nothing of HTTP servers, databases or
 * networks is needed to make it in memory.
 *
 * <p>Any number of threads may call at once. The call runs on the caller's thread and may block for as long as the
 * stores behind it do; every store is bound to have a timeout of its own.
 */
public interface Gateway {

  /**
   * Asks every gate in order; the first refusal ends it. Never throws for what a client or a store did: a store that
   * fails becomes a refusal or an admission, as the configuration of its gate says.
   *
   * @return never null; when admitted, the caller owes exactly one {@link Admission.Admitted#complete}
   */
  Admission admit(Inbound request);

  /**
   * Whether {@link #admit} might wait for a store with this request, or the {@linkplain Admission.Admitted#complete
   * completion} of what it admits. For servers with threads that must not wait: they give such requests to others. Does not
   * wait itself and takes nothing. "No" is said of this moment: a store may still have to be asked when a period ends
   * or a change arrives just then.
   */
  default boolean mayWait(Inbound request) {
    return true;
  }

  /**
   * Asks every gate what it would say, and takes nothing: no permit, no quota, no word to observers. Blocks as
   * {@link #admit} does, somewhat longer, since every rule is looked at by itself.
   */
  Preview preview(Inbound request);
}

package io.gatehouse.access;

import io.gatehouse.Entitlement;
import io.gatehouse.Inbound;
import io.gatehouse.Refusal;

/**
 * Finds out who calls from one kind of credential.
 *
 * <p>Any number of threads may call at once. May block, within the timeout of its store.
 */
@FunctionalInterface
public interface Authenticator {

  /**
   * Reads the credential of a request.
   *
   * @throws io.gatehouse.StoreException when the store that knows cannot answer; it never means that the credential is
   *     bad
   */
  Result authenticate(Inbound request);

  /** What a credential proved. */
  sealed interface Result {

    /** The credential is good. */
    record Known(Entitlement entitlement) implements Result {}

    /** There is no credential of this kind; another authenticator may find one. */
    record Absent() implements Result {}

    /** There is one, and it is not good. */
    record Rejected(Refusal refusal) implements Result {}
  }
}

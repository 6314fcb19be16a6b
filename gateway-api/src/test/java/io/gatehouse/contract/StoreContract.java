package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.StoreException;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What the contracts of all stores have in common: fresh names, and a store that can be away. */
public abstract class StoreContract {

  /** Makes the store unable to answer; false when that cannot be done, and then failures are not tested. */
  protected boolean breakStore() throws Exception {
    return false;
  }

  /** Undoes {@link #breakStore()}; the store must answer again without being made anew. */
  protected void mendStore() throws Exception {}

  /** A name that no other test uses. */
  static String fresh(String what) {
    return what + "-" + UUID.randomUUID();
  }

  /** Breaks the store, expects every call to say so, mends it. */
  final void whileBroken(ThrowingCallable... calls) throws Exception {
    assumeTrue(breakStore(), "the store cannot be broken");
    try {
      for (ThrowingCallable call : calls) {
        assertThatThrownBy(call).isInstanceOf(StoreException.class);
      }
    } finally {
      mendStore();
    }
  }
}

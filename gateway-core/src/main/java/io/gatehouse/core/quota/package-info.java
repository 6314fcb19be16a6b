/** The gate of the quotas, and the ledger that counts use and remembers it. */
@NullMarked
package io.gatehouse.core.quota;

import org.jspecify.annotations.NullMarked;

/** Tests of pool, balancing and health, on clocks that are set. */
@NullMarked
package io.gatehouse.core.upstream;

import org.jspecify.annotations.NullMarked;

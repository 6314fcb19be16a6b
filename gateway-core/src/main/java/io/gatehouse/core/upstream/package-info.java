/** Which backend: the pool with its health, the balancers over it, and the budget for trying again. */
@NullMarked
package io.gatehouse.core.upstream;

import org.jspecify.annotations.NullMarked;

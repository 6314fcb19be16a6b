/** Where to: the backends of a pool and the balancer that picks one. */
@NullMarked
package io.gatehouse.upstream;

import org.jspecify.annotations.NullMarked;

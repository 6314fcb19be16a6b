/** How fast: rate limits, the charges made against them, and the limiter that decides. */
@NullMarked
package io.gatehouse.limit;

import org.jspecify.annotations.NullMarked;

/** The gates of the rate limits, the rules they charge by, and what to do when the shared count is away. */
@NullMarked
package io.gatehouse.core.limit;

import org.jspecify.annotations.NullMarked;

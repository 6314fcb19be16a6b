/** The gates of the rate limits, the rules they charge by, and the limiters that ask a shared count less often. */
@NullMarked
package io.gatehouse.core.limit;

import org.jspecify.annotations.NullMarked;

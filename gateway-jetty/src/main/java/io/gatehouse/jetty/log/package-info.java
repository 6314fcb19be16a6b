/** What the standalone gateway writes: how logging is set up, and one line for every request. */
@NullMarked
package io.gatehouse.jetty.log;

import org.jspecify.annotations.NullMarked;

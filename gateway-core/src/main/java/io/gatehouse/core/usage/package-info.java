/** What a node counts, in mapped files that outlive a killed process, and how it gets from there into the logs. */
@NullMarked
package io.gatehouse.core.usage;

import org.jspecify.annotations.NullMarked;

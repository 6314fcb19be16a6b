/** What all nodes share through Redis: limits, quota counts, and how many nodes there are. */
@NullMarked
package io.gatehouse.core.redis;

import org.jspecify.annotations.NullMarked;

/** Counts what the gateway does, with Micrometer; nothing else in the core knows Micrometer. */
@NullMarked
package io.gatehouse.core.metrics;

import org.jspecify.annotations.NullMarked;

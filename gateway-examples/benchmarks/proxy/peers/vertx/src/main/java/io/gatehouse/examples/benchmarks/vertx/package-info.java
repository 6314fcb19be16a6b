/** Vert.x's proxy, to be measured beside Gatehouse. */
@NullMarked
package io.gatehouse.examples.benchmarks.vertx;

import org.jspecify.annotations.NullMarked;

/** Jetty's proxy, to be measured beside Gatehouse. */
@NullMarked
package io.gatehouse.examples.benchmarks.jetty;

import org.jspecify.annotations.NullMarked;

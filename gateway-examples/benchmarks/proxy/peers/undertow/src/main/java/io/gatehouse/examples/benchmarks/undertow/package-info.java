/** Undertow's proxy, to be measured beside Gatehouse, and a server of files. */
@NullMarked
package io.gatehouse.examples.benchmarks.undertow;

import org.jspecify.annotations.NullMarked;

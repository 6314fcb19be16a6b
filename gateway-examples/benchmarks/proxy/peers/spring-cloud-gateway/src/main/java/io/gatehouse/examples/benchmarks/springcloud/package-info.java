/** Spring Cloud Gateway, to be measured beside Gatehouse. */
@NullMarked
package io.gatehouse.examples.benchmarks.springcloud;

import org.jspecify.annotations.NullMarked;

/** What a decision costs in time and memory, beside what other libraries ask for theirs. */
@NullMarked
package io.gatehouse.examples.benchmarks;

import org.jspecify.annotations.NullMarked;

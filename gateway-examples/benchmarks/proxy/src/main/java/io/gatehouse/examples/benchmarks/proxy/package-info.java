/** Runs Gatehouse and other proxies side by side, and tells what a request costs each of them. */
@NullMarked
package io.gatehouse.examples.benchmarks.proxy;

import org.jspecify.annotations.NullMarked;

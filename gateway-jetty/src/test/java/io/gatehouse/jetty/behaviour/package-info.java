/** Whole gateways before real backends, databases and Redis: what a user sees of them, also when something dies. */
@NullMarked
package io.gatehouse.jetty.behaviour;

import org.jspecify.annotations.NullMarked;

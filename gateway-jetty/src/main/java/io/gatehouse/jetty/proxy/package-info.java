/**
 * Forwards what was admitted to the backend that a balancer picks, byte for byte, both ways, without holding
 * a thread.
 */
@NullMarked
package io.gatehouse.jetty.proxy;

import org.jspecify.annotations.NullMarked;

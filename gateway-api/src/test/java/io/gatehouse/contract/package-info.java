/** The contract kit: what every store and balancer must keep, as tests to extend. */
@NullMarked
package io.gatehouse.contract;

import org.jspecify.annotations.NullMarked;

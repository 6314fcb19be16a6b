/** The balancers on a clock that is set, through backends that are slow, broken and gone. */
@NullMarked
package io.gatehouse.examples.simulation;

import org.jspecify.annotations.NullMarked;

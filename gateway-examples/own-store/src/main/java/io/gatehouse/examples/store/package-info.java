/** Stores of an integrator's own: keys in a directory of files, use in a journal. */
@NullMarked
package io.gatehouse.examples.store;

import org.jspecify.annotations.NullMarked;

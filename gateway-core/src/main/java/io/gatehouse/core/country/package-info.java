/** Where addresses are, from a MaxMind DB file. */
@NullMarked
package io.gatehouse.core.country;

import org.jspecify.annotations.NullMarked;

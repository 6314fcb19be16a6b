/** The order in which the gates are asked, and what happens when one refuses or the answer is complete. */
@NullMarked
package io.gatehouse.core.gate;

import org.jspecify.annotations.NullMarked;

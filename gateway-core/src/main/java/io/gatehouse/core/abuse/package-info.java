/** Who is kept out: blocks, the gates that ask them, and what the gateway makes of callers who misbehave. */
@NullMarked
package io.gatehouse.core.abuse;

import org.jspecify.annotations.NullMarked;

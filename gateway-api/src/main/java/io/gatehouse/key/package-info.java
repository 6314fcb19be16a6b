/** Who calls: users, their API keys, and where both are kept. */
@NullMarked
package io.gatehouse.key;

import org.jspecify.annotations.NullMarked;

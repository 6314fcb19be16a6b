/** Who administers, what they changed, and what they were answered. */
@NullMarked
package io.gatehouse.admin;

import org.jspecify.annotations.NullMarked;

/** From where and as whom: authenticators, networks, and address lists. */
@NullMarked
package io.gatehouse.access;

import org.jspecify.annotations.NullMarked;

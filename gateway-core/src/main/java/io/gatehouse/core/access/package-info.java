/** Who may come in: identity, address lists and scopes, each a gate. */
@NullMarked
package io.gatehouse.core.access;

import org.jspecify.annotations.NullMarked;

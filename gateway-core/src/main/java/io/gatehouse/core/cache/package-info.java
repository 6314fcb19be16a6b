/** What a shared cache of answers may keep and give out, by RFC 9111, and where it is kept. */
@NullMarked
package io.gatehouse.core.cache;

import org.jspecify.annotations.NullMarked;

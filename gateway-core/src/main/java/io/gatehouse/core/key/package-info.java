/** API keys: how they look, how they are digested, issued, cached and recognised. */
@NullMarked
package io.gatehouse.core.key;

import org.jspecify.annotations.NullMarked;

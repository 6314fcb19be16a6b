/** Stores, limits and quotas that live in this process: exact, quick, and gone with it. */
@NullMarked
package io.gatehouse.core.memory;

import org.jspecify.annotations.NullMarked;

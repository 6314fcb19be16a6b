/** Builds a running gateway from settings; the only package that sees all rooms. */
@NullMarked
package io.gatehouse.core.setup;

import org.jspecify.annotations.NullMarked;

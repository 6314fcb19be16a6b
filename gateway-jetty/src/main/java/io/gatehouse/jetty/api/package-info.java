/** The HTTP API as its rooms share it: how operations are described, found, read, carried out, answered and entered. */
@NullMarked
package io.gatehouse.jetty.api;

import org.jspecify.annotations.NullMarked;

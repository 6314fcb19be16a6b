/** The program. */
@NullMarked
package io.gatehouse.jetty;

import org.jspecify.annotations.NullMarked;

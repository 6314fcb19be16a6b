/** The command line. */
@NullMarked
package io.gatehouse.jetty.cli;

import org.jspecify.annotations.NullMarked;

/** Lets the thread that serves a client's connection serve the backend's, too. */
@NullMarked
package io.gatehouse.jetty.seat;

import org.jspecify.annotations.NullMarked;

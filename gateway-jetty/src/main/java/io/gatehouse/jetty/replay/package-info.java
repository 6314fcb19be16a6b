/** Reads access logs and decides their requests anew, by another plan. */
@NullMarked
package io.gatehouse.jetty.replay;

import org.jspecify.annotations.NullMarked;

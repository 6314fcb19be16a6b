/** Conversations of a raw client and a raw backend through a whole gateway, byte for byte, by section of the RFCs. */
@NullMarked
package io.gatehouse.jetty.conformance;

import org.jspecify.annotations.NullMarked;

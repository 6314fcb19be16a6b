/** Tests of forwarding, with hand-written peers on both sides. */
@NullMarked
package io.gatehouse.jetty.proxy;

import org.jspecify.annotations.NullMarked;

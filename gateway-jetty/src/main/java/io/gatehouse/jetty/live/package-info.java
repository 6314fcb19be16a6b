/** What the gateway does this second, told to administrators who look. */
@NullMarked
package io.gatehouse.jetty.live;

import org.jspecify.annotations.NullMarked;

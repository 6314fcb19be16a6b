/** The standalone server: connectors, reserved paths, health, and a shutdown that loses nothing. */
@NullMarked
package io.gatehouse.jetty.server;

import org.jspecify.annotations.NullMarked;

/** Tests of the tunnel's parts; the tunnel itself is tested through the proxy and through whole gateways. */
@NullMarked
package io.gatehouse.jetty.websocket;

import org.jspecify.annotations.NullMarked;

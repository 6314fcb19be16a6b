/** Carries WebSocket connections between a client and a backend, byte for byte, after the handshake. */
@NullMarked
package io.gatehouse.jetty.websocket;

import org.jspecify.annotations.NullMarked;

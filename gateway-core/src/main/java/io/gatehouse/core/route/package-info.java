/** Which way a request goes: a table of routes, by host, path and method, and the gate that asks it. */
@NullMarked
package io.gatehouse.core.route;

import org.jspecify.annotations.NullMarked;

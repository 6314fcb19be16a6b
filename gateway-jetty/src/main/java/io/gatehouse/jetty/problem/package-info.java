/** How the gateway itself says no: problem details (RFC 9457). */
@NullMarked
package io.gatehouse.jetty.problem;

import org.jspecify.annotations.NullMarked;

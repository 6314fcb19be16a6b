/** A gateway to try: sample image backends in the same process, a user and a key. */
@NullMarked
package io.gatehouse.jetty.demo;

import org.jspecify.annotations.NullMarked;

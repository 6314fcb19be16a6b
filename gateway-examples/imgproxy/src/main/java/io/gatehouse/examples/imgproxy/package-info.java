/** A fleet of imgproxy behind the gateway: what compose.yaml starts, on one machine without containers. */
@NullMarked
package io.gatehouse.examples.imgproxy;

import org.jspecify.annotations.NullMarked;

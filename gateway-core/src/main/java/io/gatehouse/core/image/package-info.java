/** The language of imgproxy: its paths as trees, its signature, and what a tenant may ask of it. */
@NullMarked
package io.gatehouse.core.image;

import org.jspecify.annotations.NullMarked;

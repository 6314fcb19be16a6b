/** Signed URLs of images: how they are written, signed and read. */
@NullMarked
package io.gatehouse.image;

import org.jspecify.annotations.NullMarked;

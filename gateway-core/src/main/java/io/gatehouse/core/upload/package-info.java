/** Images that users store: what they are, how large, under which names, and in which store of objects. */
@NullMarked
package io.gatehouse.core.upload;

import org.jspecify.annotations.NullMarked;

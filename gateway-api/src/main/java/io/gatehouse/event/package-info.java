/** What happened: usage that must not be forgotten, and changes that other nodes must hear of. */
@NullMarked
package io.gatehouse.event;

import org.jspecify.annotations.NullMarked;

/** One call decides whether a request may pass: the gateway, its gates, and what they say. */
@NullMarked
package io.gatehouse;

import org.jspecify.annotations.NullMarked;

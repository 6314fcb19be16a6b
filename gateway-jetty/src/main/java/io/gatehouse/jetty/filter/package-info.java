/** The filters that put the gateway in front of any servlet; nothing here knows Jetty. */
@NullMarked
package io.gatehouse.jetty.filter;

import org.jspecify.annotations.NullMarked;

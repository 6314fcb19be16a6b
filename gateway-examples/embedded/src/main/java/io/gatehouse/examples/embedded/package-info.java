/** The filters of the gateway in somebody else's servlet application, in Tomcat. */
@NullMarked
package io.gatehouse.examples.embedded;

import org.jspecify.annotations.NullMarked;

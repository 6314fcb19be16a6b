/** The console: a web application in the browser, which uses the API as anybody may. */
@NullMarked
package io.gatehouse.jetty.console;

import org.jspecify.annotations.NullMarked;

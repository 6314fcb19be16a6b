/** Administration over HTTP: the API under /api/v1, metrics, and who may use them. */
@NullMarked
package io.gatehouse.jetty.admin;

import org.jspecify.annotations.NullMarked;

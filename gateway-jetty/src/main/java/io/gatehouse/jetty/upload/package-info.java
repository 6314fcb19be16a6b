/** Images that callers store with their API keys: taken, listed and deleted at {@code /api/v1/upload}. */
@NullMarked
package io.gatehouse.jetty.upload;

import org.jspecify.annotations.NullMarked;

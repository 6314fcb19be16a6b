/** How much in a calendar period: quotas, the claims made on them, and the store that counts. */
@NullMarked
package io.gatehouse.quota;

import org.jspecify.annotations.NullMarked;

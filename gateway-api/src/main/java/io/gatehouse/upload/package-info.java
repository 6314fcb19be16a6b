/** What users have stored: its record, and the store that keeps them. */
@NullMarked
package io.gatehouse.upload;

import org.jspecify.annotations.NullMarked;

/** Certificates, keys and whom to trust, from PEM files. */
@NullMarked
package io.gatehouse.core.tls;

import org.jspecify.annotations.NullMarked;

/** Users, keys, backends, limits, quotas, networks and usage in PostgreSQL or SQLite, through jOOQ. */
@NullMarked
package io.gatehouse.core.sql;

import org.jspecify.annotations.NullMarked;

/** Plans: named sets of limits, quotas, scopes and options, and which users are on them. */
@NullMarked
package io.gatehouse.plan;

import org.jspecify.annotations.NullMarked;

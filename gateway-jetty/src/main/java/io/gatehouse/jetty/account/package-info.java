/** Self-service: what tenants see and change of themselves, with their own API keys. */
@NullMarked
package io.gatehouse.jetty.account;

import org.jspecify.annotations.NullMarked;

package io.gatehouse.core.settings;

import java.util.Objects;

/**
 * One pool of backends: what the groups of the whole file say, but for what the pool says itself.
 *
 * @param name of its own; {@code default} for the one that is always there
 * @param balancer how one of its backends is picked
 * @param healthCheck how they are probed
 */
public record PoolSettings(String name, BalancerSettings balancer, HealthCheckSettings healthCheck) {
  public PoolSettings {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(balancer, "balancer");
    Objects.requireNonNull(healthCheck, "healthCheck");
  }
}

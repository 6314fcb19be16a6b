package io.gatehouse.jetty.proxy;

import io.gatehouse.upstream.Balancer;
import java.util.Objects;

/**
 * How one request is forwarded, from its first attempt to the end of its answer. Immutable.
 *
 * @param balancer picks the backends
 * @param settings how requests are sent; what is of the client as a whole is taken from the servlet's own: buffers,
 *     connections, and whom it trusts
 */
public record ForwardingRules(Balancer balancer, ProxySettings settings) {

  public ForwardingRules {
    Objects.requireNonNull(balancer, "balancer");
    Objects.requireNonNull(settings, "settings");
  }
}

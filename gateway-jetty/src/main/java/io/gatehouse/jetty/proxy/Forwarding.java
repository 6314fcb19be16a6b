package io.gatehouse.jetty.proxy;

import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.websocket.Tunnels;
import io.gatehouse.upstream.Balancer;
import org.eclipse.jetty.client.HttpClient;

/**
 * What every exchange needs.
 *
 * @param client started, and not one that decodes, follows, or remembers
 * @param balancer picks the backends
 * @param budget for second and further attempts
 * @param settings how to forward
 * @param tunnels what accepted handshakes go on as
 * @param hedges counts second attempts beside slow first ones
 */
record Forwarding(
    HttpClient client,
    Balancer balancer,
    RetryBudget budget,
    ProxySettings settings,
    Tunnels tunnels,
    Hedges hedges) {

  /** The same by other rules. */
  Forwarding by(ForwardingRules rules) {
    return new Forwarding(client, rules.balancer(), budget, rules.settings(), tunnels, hedges);
  }
}

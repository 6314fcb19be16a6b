package io.gatehouse.jetty.proxy;

import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.websocket.Tunnels;
import io.gatehouse.upstream.Balancer;
import org.eclipse.jetty.client.HttpClient;
import org.jspecify.annotations.Nullable;

/**
 * What the exchanges on one lane need.
 *
 * @param client started, and not one that decodes, follows, or remembers; each exchange, and each tunnel, is a use of it
 * @param balancer picks the backends
 * @param budget for second and further attempts
 * @param settings how to forward
 * @param tunnels what accepted handshakes go on as
 * @param hedges counts second attempts beside slow first ones
 * @param imgproxy reads answers where they are imgproxy's
 * @param rewriting what changes on the way
 * @param queue where requests wait for their turn; null: nobody waits
 * @param cache of answers; null where none are kept
 * @param clients has another client when that one is stopped
 */
record Forwarding(
    Client client,
    Balancer balancer,
    RetryBudget budget,
    ProxySettings settings,
    Tunnels tunnels,
    Hedges hedges,
    Imgproxy imgproxy,
    Rewriting rewriting,
    @Nullable FairQueue queue,
    @Nullable CacheLane cache,
    Clients clients) {

  HttpClient http() {
    return client.http();
  }

  /** The same with a client whose use has begun; the caller owes {@link Client#ended}. */
  Forwarding begun() {
    return client.began()
        ? this
        : new Forwarding(
            clients.late(settings), balancer, budget, settings, tunnels, hedges, imgproxy, rewriting, queue, cache, clients);
  }
}

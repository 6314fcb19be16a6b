package io.gatehouse.examples.benchmarks.undertow;

import io.undertow.Undertow;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyHandler;
import java.net.URI;

/**
 * Undertow's proxy handler: {@code port backend...}. It takes as many connections to a backend as there may be clients,
 * because beyond its usual ten for each thread it answers 503.
 */
public final class UndertowProxy {

  private static final int CONNECTIONS = 1024;

  private UndertowProxy() {}

  public static void main(String[] arguments) {
    LoadBalancingProxyClient backends = new LoadBalancingProxyClient()
        .setConnectionsPerThread(CONNECTIONS)
        .setSoftMaxConnectionsPerThread(CONNECTIONS);
    for (int i = 1; i < arguments.length; i++) {
      backends.addHost(URI.create(arguments[i]));
    }
    Undertow.builder()
        .addHttpListener(Integer.parseInt(arguments[0]), "127.0.0.1")
        .setHandler(ProxyHandler.builder().setProxyClient(backends).setMaxRequestTime(30_000).build())
        .build()
        .start();
  }
}

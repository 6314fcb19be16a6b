package io.gatehouse.examples.benchmarks.vertx;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.OriginRequestProvider;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/**
 * Vert.x's proxy, one for each processor on native epoll where it is there: {@code port backend...}. Its pools take as many
 * connections to a backend as there may be clients, because of its usual five most of them would wait.
 */
public final class VertxProxy extends VerticleBase {

  private static final int CONNECTIONS = 1024;

  private final int port;
  private final List<SocketAddress> backends;
  private int turn;

  private VertxProxy(int port, List<SocketAddress> backends) {
    this.port = port;
    this.backends = backends;
  }

  public static void main(String[] arguments) {
    List<SocketAddress> backends = Stream.of(arguments).skip(1).map(URI::create)
        .map(uri -> SocketAddress.inetSocketAddress(uri.getPort(), uri.getHost())).toList();
    int port = Integer.parseInt(arguments[0]);
    Vertx.vertx(new VertxOptions().setPreferNativeTransport(true)).deployVerticle(
        () -> new VertxProxy(port, backends),
        new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors())).await();
  }

  @Override
  public Future<?> start() {
    HttpProxy proxy = HttpProxy.reverseProxy(
        vertx.createHttpClient(new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(CONNECTIONS)));
    proxy.origin(OriginRequestProvider.selector(
        request -> Future.succeededFuture(backends.get(Math.floorMod(turn++, backends.size())))));
    return vertx.createHttpServer().requestHandler(proxy).listen(port, "127.0.0.1");
  }
}

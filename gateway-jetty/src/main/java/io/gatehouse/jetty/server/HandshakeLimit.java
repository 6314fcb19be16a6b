package io.gatehouse.jetty.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections whose TLS handshake takes too long as a whole. The idle timeout alone does not: it starts anew with
 * every byte.
 */
final class HandshakeLimit implements Connection.Listener {

  private final Scheduler scheduler;
  private final Duration limit;

  HandshakeLimit(Scheduler scheduler, Duration limit) {
    this.scheduler = scheduler;
    this.limit = limit;
  }

  @Override
  public void onOpened(Connection connection) {
    if (connection instanceof SslConnection tls) {
      Scheduler.Task cut = scheduler.schedule(
          () -> tls.getEndPoint().close(new TimeoutException("TLS handshake took more than " + limit)),
          limit.toMillis(), TimeUnit.MILLISECONDS);
      tls.addHandshakeListener(new SslHandshakeListener() {
        @Override
        public void handshakeSucceeded(Event event) {
          cut.cancel();
        }

        @Override
        public void handshakeFailed(Event event, Throwable failure) {
          cut.cancel();
        }
      });
    }
  }
}

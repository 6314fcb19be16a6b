package io.gatehouse.jetty.server;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets what is behind it do on a connection what the servlet API has no word for.
 *
 * <p>Interim answers (RFC 9110, 15.2): every request whose client may get them has an attribute
 * {@value #INTERIM}: a function of status and fields, whose future is complete when the next answer may be
 * written; it fails when the final one has begun. A client of HTTP/1.0 gets none, not even the 100 that the
 * server sends by itself: it would take it for the final one.
 *
 * <p>Broken answers: the end of the connection is all that tells such a client where an answer ends. Its
 * requests have an attribute {@value #RESET}, a {@link Runnable}: after it, the connection that is cut ends with
 * a reset, which nobody takes for the end of an answer (RFC 9112, 8).
 *
 * <p>Threads: every request has an attribute {@value #SEAT}: where a connection to a backend is served by the thread that
 * serves the client's.
 */
final class ConnectionHandler extends Handler.Wrapper {

  /** The attribute: {@value}. */
  static final String INTERIM = "io.gatehouse.interim";

  /** The attribute: {@value}. */
  static final String RESET = "io.gatehouse.reset";

  /** The attribute: {@value}. */
  static final String SEAT = "io.gatehouse.seat";

  ConnectionHandler(Handler handler) {
    super(handler);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    ConnectionMetaData connection = request.getConnectionMetaData();
    request.setAttribute(SEAT, SeatingConnector.seatBeside(connection.getConnection().getEndPoint()));
    if (connection.getHttpVersion().getVersion() > HttpVersion.HTTP_1_0.getVersion()) {
      BiFunction<Integer, HttpFields, CompletableFuture<Void>> interim = response::writeInterim;
      request.setAttribute(INTERIM, interim);
      return super.handle(request, response, callback);
    }
    request.setAttribute(RESET, (Runnable) () -> resetWhenClosed(request));
    return super.handle(request, new Final(request, response), callback);
  }

  private static void resetWhenClosed(Request request) {
    EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
    // Over TLS, a connection that is cut lacks the alert that would close it in order.
    if (endPoint instanceof SocketChannelEndPoint socket) {
      try {
        socket.getChannel().setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) {
        // It is closed already.
      }
    }
  }

  private static final class Final extends Response.Wrapper {

    Final(Request request, Response response) {
      super(request, response);
    }

    @Override
    public CompletableFuture<Void> writeInterim(int status, HttpFields headers) {
      return CompletableFuture.completedFuture(null);
    }
  }
}

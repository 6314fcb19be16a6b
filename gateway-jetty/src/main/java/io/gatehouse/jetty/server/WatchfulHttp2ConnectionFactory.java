package io.gatehouse.jetty.server;

import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.HTTP2Cipher;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/**
 * HTTP/2 that notices when a client leaves while it waits, and offers the same watch as
 * {@link WatchfulHttpConnectionFactory}. Jetty tells of a reset itself, with two gaps: a stream that has rested for the
 * idle timeout is not told of any more, and a client that says goodbye (GOAWAY) and closes is waited for as if it were
 * there to take the answers.
 *
 * <p>The class is that of clear text, because it is the one that can do both; over TLS its name is {@code h2}.
 */
final class WatchfulHttp2ConnectionFactory extends HTTP2CServerConnectionFactory {

  static final String OVER_TLS = "h2";
  static final String IN_CLEAR_TEXT = "h2c";

  /** Of a stream: what to do when its client leaves. */
  private static final String LEFT = WatchfulHttp2ConnectionFactory.class.getName();

  /** How often to look whether a client that said goodbye has closed, and how long Jetty gets to tell by itself. */
  private static final long LOOK_MILLIS = 400;

  WatchfulHttp2ConnectionFactory(HttpConfiguration configuration, String protocol) {
    super(configuration, protocol);
    configuration.addCustomizer(WatchfulHttp2ConnectionFactory::offer);
  }

  @Override
  public boolean isAcceptable(String protocol, String tlsProtocol, String tlsCipher) {
    return protocol.equals(OVER_TLS)
        && !(HTTP2Cipher.isBlackListProtocol(tlsProtocol) && HTTP2Cipher.isBlackListCipher(tlsCipher));
  }

  @Override
  protected ServerSessionListener newSessionListener(Connector connector, EndPoint endPoint) {
    return new Watch(connector, endPoint);
  }

  private static Request offer(Request request, HttpFields.Mutable responseHeaders) {
    if (request.getConnectionMetaData().getConnection() instanceof HTTP2Connection connection) {
      Stream stream = connection.getSession().getStream(Integer.parseInt(request.getId()));
      if (stream != null) {
        Function<Runnable, Runnable> watch = whenLeft -> {
          stream.setAttribute(LEFT, whenLeft);
          return () -> stream.removeAttribute(LEFT);
        };
        request.setAttribute(WatchfulHttpConnectionFactory.DEPARTURE, watch);
      }
    }
    return request;
  }

  private static void left(Stream stream) {
    if (stream.removeAttribute(LEFT) instanceof Runnable whenLeft) {
      whenLeft.run();
    }
  }

  private final class Watch extends HTTPServerSessionListener {

    private final Connector connector;
    private final EndPoint endPoint;

    Watch(Connector connector, EndPoint endPoint) {
      super(endPoint);
      this.connector = connector;
      this.endPoint = endPoint;
    }

    @Override
    public void onReset(Stream stream, ResetFrame frame, Callback callback) {
      super.onReset(stream, frame, callback);
      unlessTold(stream);
    }

    @Override
    public void onFailure(Stream stream, int error, String reason, Throwable failure, Callback callback) {
      super.onFailure(stream, error, reason, failure, callback);
      unlessTold(stream);
    }

    @Override
    public void onGoAway(Session session, GoAwayFrame frame) {
      super.onGoAway(session, frame);
      awaitEnd(session);
    }

    /** Jetty's word comes first, and ends the watch; two at once would get into each other's way. */
    private void unlessTold(Stream stream) {
      connector.getScheduler().schedule(() -> left(stream), LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void awaitEnd(Session session) {
      connector.getScheduler().schedule(() -> {
        if (endPoint.isInputShutdown()) {
          session.getStreams().forEach(WatchfulHttp2ConnectionFactory::left);
        } else if (endPoint.isOpen()) {
          awaitEnd(session);
        }
      }, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}

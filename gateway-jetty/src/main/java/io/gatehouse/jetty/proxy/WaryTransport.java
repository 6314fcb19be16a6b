package io.gatehouse.jetty.proxy;

import io.gatehouse.jetty.seat.Afterwards;
import java.util.Map;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.internal.HttpChannelOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpConnectionOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpReceiverOverHTTP;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/**
 * HTTP/1.1 to backends, on connections that are not used again after a byte that nobody asked for. Jetty's own
 * throws away what comes behind an answer together with it, and reads on: what comes a moment later, when the
 * connection has another request on it, would be the answer to that (RFC 9112, 9.2).
 */
final class WaryTransport extends HttpClientTransportOverHTTP {

  WaryTransport(ClientConnector connector) {
    super(connector);
  }

  @Override
  public Connection newConnection(EndPoint endPoint, Map<String, Object> context) {
    return customize(new WaryConnection(endPoint, context), context);
  }

  private static final class WaryConnection extends HttpConnectionOverHTTP {

    WaryConnection(EndPoint endPoint, Map<String, Object> context) {
      super(endPoint, context);
    }

    @Override
    protected HttpChannelOverHTTP newHttpChannel() {
      return new WaryChannel(this);
    }

    @Override
    public void onFillable() {
      if (getHttpChannel().getHttpExchange() == null) {
        // The end of the connection, or an answer to nothing.
        close();
      } else {
        Afterwards.of(super::onFillable);
      }
    }
  }

  private static final class WaryChannel extends HttpChannelOverHTTP {

    WaryChannel(HttpConnectionOverHTTP connection) {
      super(connection);
    }

    @Override
    protected HttpReceiverOverHTTP newHttpReceiver() {
      return new WaryReceiver(this);
    }
  }

  private static final class WaryReceiver extends HttpReceiverOverHTTP {

    WaryReceiver(HttpChannelOverHTTP channel) {
      super(channel);
    }

    @Override
    public boolean messageComplete() {
      HttpExchange exchange = getHttpExchange();
      // Behind an interim answer comes another one, behind 101 another protocol.
      if (exchange != null && !HttpStatus.isInformational(exchange.getResponse().getStatus())
          && getResponseBuffer() != null && getResponseBuffer().hasRemaining()) {
        exchange.getResponse().headers(fields -> fields.put(HttpHeader.CONNECTION, "close"));
      }
      return super.messageComplete();
    }
  }
}

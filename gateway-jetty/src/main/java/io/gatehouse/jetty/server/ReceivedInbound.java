package io.gatehouse.jetty.server;

import io.gatehouse.Inbound;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Request;

/** A request as it was received, before anything is known of it: the client is the peer. */
record ReceivedInbound(Request request) implements Inbound {

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String target() {
    return request.getHttpURI().getPathQuery();
  }

  @Override
  public String path() {
    return request.getHttpURI().getPath();
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeaders().get(name));
  }

  @Override
  public List<String> headers(String name) {
    return request.getHeaders().getValuesList(name);
  }

  @Override
  public InetAddress clientAddress() {
    return request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress peer
        ? peer.getAddress() : InetAddress.getLoopbackAddress();
  }

  @Override
  public long contentLength() {
    return request.getLength();
  }
}

package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The view of a request that came without a filter of ours before it; the client is the peer. */
final class ServletInbound implements Inbound {

  private final HttpServletRequest request;
  private final InetAddress peer;

  ServletInbound(HttpServletRequest request) {
    this.request = request;
    try {
      // Always a literal address, so nothing is looked up.
      peer = InetAddress.getByName(request.getRemoteAddr());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(
          "remoteAddr: " + request.getRemoteAddr() + " (expected: an address)", e);
    }
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String target() {
    String query = request.getQueryString();
    return query == null ? request.getRequestURI() : request.getRequestURI() + '?' + query;
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeader(name));
  }

  @Override
  public List<String> headers(String name) {
    return Collections.list(request.getHeaders(name));
  }

  @Override
  public InetAddress clientAddress() {
    return peer;
  }

  @Override
  public long contentLength() {
    return request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null
        && request.getProtocol().startsWith("HTTP/1") ? 0 : request.getContentLengthLong();
  }
}

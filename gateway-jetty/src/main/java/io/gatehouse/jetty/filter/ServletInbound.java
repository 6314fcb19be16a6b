package io.gatehouse.jetty.filter;

import io.gatehouse.Inbound;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A servlet request as the gates see it. */
final class ServletInbound implements Inbound {

  private final HttpServletRequest request;
  private final String target;
  private final InetAddress clientAddress;

  ServletInbound(HttpServletRequest request, InetAddress clientAddress) {
    this.request = request;
    String query = request.getQueryString();
    this.target = query == null ? request.getRequestURI() : request.getRequestURI() + "?" + query;
    this.clientAddress = clientAddress;
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String target() {
    return target;
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
    return clientAddress;
  }

  @Override
  public long contentLength() {
    long length = request.getContentLengthLong();
    if (length >= 0) {
      return length;
    }
    return request.getHeader("Transfer-Encoding") == null && !request.getProtocol().startsWith("HTTP/2") ? 0 : -1;
  }
}

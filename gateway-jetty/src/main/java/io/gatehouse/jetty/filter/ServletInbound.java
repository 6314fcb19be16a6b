package io.gatehouse.jetty.filter;

import io.gatehouse.Inbound;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A servlet request as the gates see it. */
final class ServletInbound implements Inbound {

  /** What is asked while the request is the container's own: null once everything was kept. */
  private volatile @Nullable HttpServletRequest request;

  private final String method;
  private final String target;
  private final InetAddress clientAddress;

  /** Set before the request is forgotten. */
  private Map<String, List<String>> headers = Map.of();

  private long contentLength;

  ServletInbound(HttpServletRequest request, InetAddress clientAddress) {
    this.request = request;
    this.method = request.getMethod();
    String query = request.getQueryString();
    this.target = query == null ? request.getRequestURI() : request.getRequestURI() + "?" + query;
    this.clientAddress = clientAddress;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public Optional<String> header(String name) {
    HttpServletRequest current = request;
    return current != null ? Optional.ofNullable(current.getHeader(name)) : headers(name).stream().findFirst();
  }

  @Override
  public List<String> headers(String name) {
    HttpServletRequest current = request;
    return current != null
        ? Collections.list(current.getHeaders(name))
        : headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  @Override
  public InetAddress clientAddress() {
    return clientAddress;
  }

  @Override
  public long contentLength() {
    HttpServletRequest current = request;
    return current != null ? contentLength(current) : contentLength;
  }

  /** Copies what the request has and lets it go, so that this view outlives it. */
  void keep() {
    HttpServletRequest current = request;
    if (current != null) {
      Map<String, List<String>> copied = new HashMap<>();
      for (String name : Collections.list(current.getHeaderNames())) {
        copied.put(name.toLowerCase(Locale.ROOT), List.copyOf(Collections.list(current.getHeaders(name))));
      }
      headers = copied;
      contentLength = contentLength(current);
      request = null;
    }
  }

  private static long contentLength(HttpServletRequest request) {
    long length = request.getContentLengthLong();
    if (length >= 0) {
      return length;
    }
    return request.getHeader("Transfer-Encoding") == null && !request.getProtocol().startsWith("HTTP/2") ? 0 : -1;
  }
}

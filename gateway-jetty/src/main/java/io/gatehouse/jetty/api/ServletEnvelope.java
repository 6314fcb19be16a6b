package io.gatehouse.jetty.api;

import io.gatehouse.jetty.filter.CorrelationFilter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * What came over HTTP.
 *
 * @param address says which address the client has, behind proxies that are trusted
 */
public record ServletEnvelope(HttpServletRequest request, Function<HttpServletRequest, String> address)
    implements Envelope {

  @Override
  public List<String> fields(String name) {
    return Collections.list(request.getHeaders(name));
  }

  @Override
  public InetAddress peer() {
    try {
      return InetAddress.getByName(request.getRemoteAddr());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the server knows a peer by something else than its address", e);
    }
  }

  @Override
  public String client() {
    return address.apply(request);
  }

  @Override
  public String requestId() {
    return Objects.toString(request.getAttribute(CorrelationFilter.REQUEST_ID), "");
  }
}

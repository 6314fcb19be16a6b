package io.gatehouse.jetty.server;

import io.gatehouse.Inbound;
import io.gatehouse.jetty.filter.TrustedProxies;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/** Gives each request to what serves when it comes. Another {@link Serving} takes the place of the last in one step. */
final class ServingFilter extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private final transient AtomicReference<Serving> current;

  ServingFilter(Serving first) {
    this.current = new AtomicReference<>(first);
  }

  void become(Serving next) {
    current.set(next);
  }

  /** Whether the gateway may wait for a store with this request. */
  boolean mayWait(Inbound request) {
    return current.get().mayWait(request);
  }

  TrustedProxies proxies() {
    return current.get().proxies();
  }

  @Override
  protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    current.get().serve(request, response, chain);
  }
}

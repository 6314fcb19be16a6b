package io.gatehouse.jetty.admin;

import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.jetty.api.ApiServlet;
import io.gatehouse.jetty.api.Caller;
import io.gatehouse.jetty.api.Envelope;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.RequestBody;
import io.gatehouse.jetty.api.ServletEnvelope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;

/**
 * {@link Administration} over HTTP: everything below {@value #ROOT}, as docs/api.md describes it. Only administrators
 * get more than a 401. Serve it where the raw path begins so, mapped to everything.
 *
 * <p>Any number of threads; blocks as the stores do.
 */
public final class AdminServlet extends ApiServlet {

  /** What the paths of administration begin with: {@value}. */
  public static final String ROOT = Operation.ROOT;

  private static final long serialVersionUID = 1L;

  private final transient Administration administration;
  private final transient Administrators administrators;

  /** @param configuration that of the gateway */
  public AdminServlet(Gatehouse gatehouse, Configuration configuration, Administrators administrators) {
    super("Administration");
    this.administration = new Administration(gatehouse, configuration, InstantSource.system());
    this.administrators = Objects.requireNonNull(administrators, "administrators");
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    send(request, response);
  }

  @Override
  protected void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Caller caller = administrators.require(request);
    Envelope envelope = new ServletEnvelope(request, administrators::address);
    administration
        .answer(
            caller,
            request.getMethod(),
            request.getRequestURI(),
            request.getQueryString(),
            envelope,
            () -> RequestBody.read(request))
        .send(request.getMethod(), envelope, response);
  }
}

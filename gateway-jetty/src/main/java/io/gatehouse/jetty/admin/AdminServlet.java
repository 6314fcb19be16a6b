package io.gatehouse.jetty.admin;

import io.gatehouse.StoreException;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Administration} over HTTP: everything below {@value #ROOT}, as docs/api.md describes it. Only administrators
 * get more than a 401. Serve it where the raw path begins so, mapped to everything.
 *
 * <p>Any number of threads; blocks as the stores do.
 */
public final class AdminServlet extends HttpServlet {

  /** What the paths of administration begin with: {@value}. */
  public static final String ROOT = "/api/v1/";

  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(AdminServlet.class);

  private final transient Administration administration;
  private final transient Administrators administrators;

  /** @param configuration that of the gateway */
  public AdminServlet(Gatehouse gatehouse, Configuration configuration, Administrators administrators) {
    this.administration = new Administration(gatehouse, configuration, InstantSource.system());
    this.administrators = Objects.requireNonNull(administrators, "administrators");
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    try {
      answer(request, response);
    } catch (ProblemException e) {
      e.send(response);
    } catch (StoreException e) {
      log.warn("Administration cannot use its store: {} ({})", e.getMessage(), String.valueOf(e.getCause()));
      response.setHeader("Retry-After", "1");
      Problem.of(503, "store-unavailable", "Temporarily unavailable", "The store cannot answer now.")
          .send(response);
    } catch (RuntimeException e) {
      log.error("Administration failed at {} {}", request.getMethod(), request.getRequestURI(), e);
      Problem.of(500, "internal-error", "Internal error", "The gateway could not handle the request.")
          .send(response);
    }
  }

  private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Caller caller = administrators.require(request);
    Envelope envelope = new ServletEnvelope(request, administrators);
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

package io.gatehouse.jetty.api;

import io.gatehouse.StoreException;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A part of the API: sends what it answers, and says as a problem why there is no answer. */
public abstract class ApiServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(ApiServlet.class);

  private final String name;

  /** @param name as it stands in the log: {@code Administration} */
  protected ApiServlet(String name) {
    this.name = name;
  }

  /**
   * Answers, and sends that.
   *
   * @throws ProblemException when it will not
   * @throws StoreException when a store cannot answer
   */
  protected abstract void answer(HttpServletRequest request, HttpServletResponse response) throws IOException;

  /** Answers, or sends why there is no answer. */
  protected final void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
    try {
      answer(request, response);
    } catch (ProblemException e) {
      e.send(response);
    } catch (StoreException e) {
      log.warn("{} cannot use its store: {} ({})", name, e.getMessage(), String.valueOf(e.getCause()));
      response.setHeader("Retry-After", "1");
      Problem.of(503, "store-unavailable", "Temporarily unavailable", "The store cannot answer now.")
          .send(response);
    } catch (RuntimeException e) {
      log.error("{} failed at {} {}", name, request.getMethod(), request.getRequestURI(), e);
      Problem.of(500, "internal-error", "Internal error", "The gateway could not handle the request.")
          .send(response);
    }
  }
}

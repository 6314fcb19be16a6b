package io.gatehouse.jetty.server;

import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Holds a place where nothing is served, so that it does not fall to the backends. */
final class NotFoundServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Override
  public void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Problem.of(404, "not-found", "Not found", "There is nothing at this path.").send(response);
  }
}

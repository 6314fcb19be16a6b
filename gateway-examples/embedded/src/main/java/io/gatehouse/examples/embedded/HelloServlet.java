package io.gatehouse.examples.embedded;

import io.gatehouse.Subject;
import io.gatehouse.jetty.filter.GatewayFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** What the application was there for. It finds who calls in an attribute. */
final class HelloServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Subject subject = (Subject) request.getAttribute(GatewayFilter.SUBJECT);
    response.setContentType("text/plain; charset=utf-8");
    response.getWriter().println("Hello " + subject.user());
  }
}

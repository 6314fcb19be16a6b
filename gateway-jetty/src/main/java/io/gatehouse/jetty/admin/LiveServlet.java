package io.gatehouse.jetty.admin;

import io.gatehouse.jetty.live.LiveFeed;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Predicate;

/** Lets administrators look at what happens ({@link LiveFeed}). For the path {@value #PATH}. */
public final class LiveServlet extends HttpServlet {

  /** Where it is served: {@value}. */
  public static final String PATH = AdminServlet.ROOT + "live";

  private static final long serialVersionUID = 1L;

  private final transient LiveFeed feed;
  private final transient Predicate<HttpServletRequest> administrator;

  public LiveServlet(LiveFeed feed, Predicate<HttpServletRequest> administrator) {
    this.feed = Objects.requireNonNull(feed, "feed");
    this.administrator = Objects.requireNonNull(administrator, "administrator");
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (!administrator.test(request)) {
      ProblemException.unauthorized().send(response);
    } else if (!request.getMethod().equals("GET")) {
      ProblemException.methodNotAllowed("GET").send(response);
    } else if (!feed.open(request, response)) {
      response.setHeader("Retry-After", "10");
      Problem.of(
              503,
              "too-many-watchers",
              "Too many watchers",
              "So many look already as may: " + LiveFeed.MOST_STREAMS + ". Close a console, or try again.")
          .send(response);
    }
  }
}

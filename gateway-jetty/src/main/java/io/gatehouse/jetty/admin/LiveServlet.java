package io.gatehouse.jetty.admin;

import io.gatehouse.StoreException;
import io.gatehouse.jetty.api.Caller;
import io.gatehouse.jetty.api.Faults;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Query;
import io.gatehouse.jetty.live.LiveFeed;
import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;

/** Lets administrators look at what happens ({@link LiveFeed}), as {@link Operations#LIVE} says. For the path {@value #PATH}. */
public final class LiveServlet extends HttpServlet {

  /** Where it is served: {@value}. */
  public static final String PATH = AdminServlet.ROOT + "live";

  private static final long serialVersionUID = 1L;

  private final transient LiveFeed feed;
  private final transient Administrators administrators;

  public LiveServlet(LiveFeed feed, Administrators administrators) {
    this.feed = Objects.requireNonNull(feed, "feed");
    this.administrators = Objects.requireNonNull(administrators, "administrators");
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    try {
      Caller caller = administrators.require(request);
      if (!request.getMethod().equals(Operations.LIVE.method())) {
        throw ProblemException.methodNotAllowed(Operations.LIVE.method());
      }
      if (!Operations.LIVE.roles().contains(caller.role())) {
        throw ProblemException.forbidden(Operations.LIVE.roles());
      }
      Faults faults = new Faults();
      Query.read(request.getQueryString(), Operations.LIVE.parameterNames(), faults);
      faults.check();
      if (!feed.open(request, response)) {
        throw new ProblemException(
                Problem.of(
                    503,
                    "too-many-watchers",
                    "Too many watchers",
                    "As many look as may: " + LiveFeed.MOST_STREAMS + ". Close a console, or try again."))
            .with("Retry-After", "10");
      }
    } catch (ProblemException e) {
      e.send(response);
    } catch (StoreException e) {
      response.setHeader("Retry-After", "1");
      Problem.of(503, "store-unavailable", "Temporarily unavailable", "The store cannot answer now.").send(response);
    }
  }
}

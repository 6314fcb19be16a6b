package io.gatehouse.jetty.proxy;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client of one exchange as the container shows it: whether it is still there, and how its answer ends. Safe for
 * any number of threads; nothing blocks.
 */
final class ClientSide implements AsyncListener {

  private static final Logger log = LoggerFactory.getLogger(UpstreamServlet.class);

  /** Told at the end of every exchange, so without a trace, which would cost more than all else here. */
  private static final IOException ENDED = new EndedException();

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final AsyncContext async;
  private volatile Consumer<Throwable> left;
  private volatile Runnable stopWatching = () -> {};
  private volatile boolean watching;

  /**
   * Goes on without the container's thread.
   *
   * @param left is told when the client left or the container ended the exchange, perhaps more than once and when the
   * exchange is over
   */
  ClientSide(HttpServletRequest request, HttpServletResponse response, Consumer<Throwable> left) {
    this.request = request;
    this.response = response;
    this.left = left;
    async = request.startAsync(request, response);
    async.setTimeout(0);
    async.addListener(this);
  }

  /** Who is told from now on that the client left; nobody else is. */
  void whenLeft(Consumer<Throwable> told) {
    left = told;
  }

  /** Watches from now on whether it leaves, if the server can tell. It must have sent all of its request. */
  @SuppressWarnings("unchecked")
  void watch() {
    if (watching) {
      return;
    }
    watching = true;
    if (request.getAttribute(UpstreamServlet.DEPARTURE) instanceof Function<?, ?> departure) {
      stopWatching = ((Function<Runnable, Runnable>) departure)
          .apply(() -> left.accept(new EOFException("client left")));
    }
  }

  void stopWatching() {
    stopWatching.run();
  }

  /** Tells those who look on that the request is over, before the container is told. */
  void tellOver() {
    if (request.getAttribute(UpstreamServlet.WHEN_OVER) instanceof Runnable told) {
      try {
        told.run();
      } catch (RuntimeException e) {
        // Whoever looks on must not keep the answer from its end.
        log.warn("What was to be told of the end of a request failed", e);
      }
    }
  }

  /** The answer is written. */
  void complete() {
    tell(async::complete);
  }

  /**
   * Ends the client's connection in the middle of the answer. The servlet API has no word for that. Jetty
   * takes the status -1 as one; elsewhere an answer that has begun refuses any status, and an exception out
   * of a dispatch makes the container cut the connection.
   */
  void cut(Throwable cause) {
    if (request.getAttribute(UpstreamServlet.RESET) instanceof Runnable reset) {
      reset.run();
    }
    try {
      response.sendError(-1);
    } catch (IOException | IllegalStateException refused) {
      request.setAttribute(UpstreamServlet.BROKEN, cause);
      tell(async::dispatch);
      return;
    }
    tell(async::complete);
  }

  private static void tell(Runnable container) {
    try {
      container.run();
    } catch (IllegalStateException ended) {
      log.debug("The container ended the exchange by itself", ended);
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {
    left.accept(ENDED);
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    left.accept(ENDED);
  }

  @Override
  public void onError(AsyncEvent event) {
    Throwable cause = event.getThrowable();
    left.accept(cause == null ? ENDED : cause);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // Nobody starts it again.
  }

  private static final class EndedException extends IOException {

    private static final long serialVersionUID = 1;

    EndedException() {
      super("ended by the container");
    }

    @Override
    public Throwable fillInStackTrace() {
      return this;
    }
  }
}

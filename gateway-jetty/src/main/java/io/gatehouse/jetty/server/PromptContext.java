package io.gatehouse.jetty.server;

import io.gatehouse.Inbound;
import io.gatehouse.jetty.seat.Afterwards;
import java.util.function.Predicate;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.util.Callback;

/**
 * A context whose requests are carried by as few threads as can be: one that waits for nobody by the thread that has received
 * it, and the answer of a backend by the thread that hears it. Jetty's own wakes a thread of the pool for each request, another
 * when its answer can be written, and another when that is complete.
 */
final class PromptContext extends ServletContextHandler {

  /** So many requests of one connection in a row are carried by the thread that receives them before others get a turn. */
  static final int LONGEST_STREAK = 16;

  private final ThreadLocal<Streak> streak = ThreadLocal.withInitial(Streak::new);
  private final Predicate<Inbound> waits;
  private final InvocationType type;

  /**
   * A context for {@code /}.
   *
   * @param type whether the threads that receive may be kept waiting by every request, or by none
   * @param waits which requests may wait for something, where the threads that receive may not; any number of threads ask
   */
  PromptContext(InvocationType type, Predicate<Inbound> waits) {
    super("/");
    this.type = type;
    this.waits = waits;
  }

  @Override
  public InvocationType getInvocationType() {
    return type;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (type == InvocationType.BLOCKING || mayCarry(request)) {
      return super.handle(request, response, callback);
    }
    getServer().getThreadPool().execute(() -> handleLater(request, response, callback));
    return true;
  }

  /**
   * Whether the thread that has received it may carry this request. A connection whose requests are all refused at once would
   * otherwise keep it from the others for as long as it sends.
   */
  private boolean mayCarry(Request request) {
    return streak.get().goesOn(request.getConnectionMetaData().getId()) && !waits.test(new ReceivedInbound(request));
  }

  /** How many requests in a row were of the same connection. Of one thread. */
  static final class Streak {
    private String connection = "";
    private int length;

    boolean goesOn(String id) {
      length = id.equals(connection) ? length + 1 : 1;
      connection = id;
      if (length <= LONGEST_STREAK) {
        return true;
      }
      length = 0;
      return false;
    }
  }

  private void handleLater(Request request, Response response, Callback callback) {
    try {
      if (!super.handle(request, response, callback)) {
        Response.writeError(request, response, callback, 404);
      }
    } catch (Throwable e) {
      Response.writeError(request, response, callback, e);
    }
  }

  @Override
  protected ContextHandler.ScopedContext newContext() {
    return new ServletScopedContext() {
      @Override
      public void execute(Runnable task, Request request) {
        if (!Afterwards.take(() -> run(task, request))) {
          super.execute(task, request);
        }
      }
    };
  }
}

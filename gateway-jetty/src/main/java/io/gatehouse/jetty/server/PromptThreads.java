package io.gatehouse.jetty.server;

import io.gatehouse.jetty.seat.Afterwards;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Threads of a server, of which none is woken for a connection to go on when its answer is complete, where the thread that
 * has heard the backend can see to that.
 */
final class PromptThreads extends QueuedThreadPool {

  /** @param most threads */
  PromptThreads(int most) {
    super(most);
    setName("gatehouse");
  }

  @Override
  public void execute(Runnable job) {
    if (!(job instanceof HttpConnection && Afterwards.take(job))) {
      super.execute(job);
    }
  }
}

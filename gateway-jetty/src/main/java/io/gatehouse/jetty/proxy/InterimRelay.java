package io.gatehouse.jetty.proxy;

import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.eclipse.jetty.http.HttpFields;

/**
 * The interim answers to one request on their way to the client, one after the other, where the server has a way for
 * them ({@link UpstreamServlet#INTERIM}). For one thread at a time; nothing blocks.
 */
final class InterimRelay {

  private final HttpServletRequest request;

  /** Over when all of them are with the client. */
  private volatile CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

  InterimRelay(HttpServletRequest request) {
    this.request = request;
  }

  /** Passes one on. One that cannot be sent is one that the client does without. */
  @SuppressWarnings("unchecked")
  void pass(int status, HttpFields fields) {
    if (request.getAttribute(UpstreamServlet.INTERIM) instanceof BiFunction<?, ?, ?> server) {
      var send = (BiFunction<Integer, HttpFields, CompletableFuture<Void>>) server;
      written = written.thenCompose(sent -> send.apply(status, fields)).exceptionally(lost -> null);
    }
  }

  /** Runs a task when none is being written any more: nothing of the final answer may come between. */
  void afterwards(Runnable task) {
    written.thenRun(task);
  }
}

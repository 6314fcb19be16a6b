package io.gatehouse.jetty.proxy;

import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/** How a server lets go of a client's connection, for one request. */
@FunctionalInterface
public interface Takeover {

  /**
   * States that the connection goes on as another one when the answer to this request is written, which
   * is to be 101. Once only, before the answer is complete; does not block.
   *
   * @param next makes the other connection
   * @param otherwise is told if the answer could not be written
   */
  void takeOver(Function<EndPoint, Connection> next, Consumer<Throwable> otherwise);
}

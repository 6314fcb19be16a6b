package io.gatehouse.jetty.cli;

import io.gatehouse.StoreException;
import io.gatehouse.jetty.admin.Reply;
import io.gatehouse.jetty.admin.Request;

/** How commands reach administration: a gateway that runs, or straight the store. For one thread. */
interface Way extends AutoCloseable {

  /**
   * Asks, and waits for the answer.
   *
   * @throws CommandFailure when nobody can be reached
   * @throws StoreException when the store cannot answer
   */
  Reply ask(Request request);

  /** Who is asked, for messages. */
  @Override
  String toString();

  @Override
  void close();
}

package io.gatehouse.jetty.proxy;

/** Takes the body of an answer from a backend to wherever it goes. */
interface Pump {

  /** Begins. */
  void start();

  /** Whether everything waits for whoever takes the body, and not for the backend. */
  boolean waitsForClient();
}

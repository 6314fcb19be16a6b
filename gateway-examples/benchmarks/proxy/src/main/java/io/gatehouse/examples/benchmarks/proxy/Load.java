package io.gatehouse.examples.benchmarks.proxy;

/** Somebody who asks a proxy again and again for the same, on connections that stay. */
interface Load {

  /**
   * Each connection asks again as soon as it is answered.
   *
   * @param connections how many there are
   * @param millis for how long
   */
  Answers saturate(Contender contender, Body body, int connections, long millis);

  /** What it is, with its version. */
  String version();
}

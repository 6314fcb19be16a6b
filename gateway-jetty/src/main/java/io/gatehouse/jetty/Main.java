package io.gatehouse.jetty;

import io.gatehouse.jetty.cli.Cli;
import io.gatehouse.jetty.cli.Surroundings;

/** The standalone gateway. */
public final class Main {

  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true"); // the demo draws pictures, on no screen
    System.exit(Cli.execute(Surroundings.ofProcess(), args));
  }
}

package io.gatehouse.examples.imgproxy;

import io.gatehouse.jetty.log.Logging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs the example without containers, until it is stopped: {@code Main gateway-examples/imgproxy}. Everything
 * is kept in a folder for temporary files, and made anew at each start.
 */
public final class Main {

  private static final int PORT = 8080;

  private Main() {}

  /** @param arguments the folder of the example, and perhaps a port */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("expected: the folder of the example, and perhaps a port");
      System.exit(2);
    }
    Logging.start("warn", Logging.Format.TEXT, Logging.Target.STANDARD_ERROR);
    int port = arguments.length == 2 ? Integer.parseInt(arguments[1]) : PORT;
    Path data = Files.createTempDirectory("gatehouse-imgproxy");
    LocalFleet fleet = LocalFleet.start(Path.of(arguments[0]).toAbsolutePath(), data, port);
    Runtime.getRuntime().addShutdownHook(new Thread(fleet::close, "stop"));
    if (fleet.seed().inheritIO().start().waitFor() != 0) {
      System.exit(1);
    }
    fleet.join();
  }
}

package io.gatehouse.examples.embedded;

import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

/** Starts the application and says what to try. */
public final class Main {

  private static final int PORT = 8080;

  private Main() {}

  /** Runs until it is stopped. */
  public static void main(String[] args) throws Exception {
    int port = args.length == 0 ? PORT : Integer.parseInt(args[0]);
    try (EmbeddedGateway gateway = new EmbeddedGateway(new Printer())) {
      Tomcat tomcat = start(port, gateway, new HelloServlet());
      System.out.printf(
          """
          Try it:
            curl -i http://localhost:%1$d/hello
            curl -i -H 'X-API-Key: %2$s' http://localhost:%1$d/hello
            for i in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%%{http_code}\\n' -H 'X-API-Key: %2$s' http://localhost:%1$d/hello; done
          """,
          tomcat.getConnector().getLocalPort(), gateway.newKey("alice"));
      tomcat.getServer().await();
    }
  }

  /** An application of one servlet, in Tomcat on the loopback, behind the gateway. Port 0 is any free one. */
  static Tomcat start(int port, EmbeddedGateway gateway, Servlet servlet) throws IOException, LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("example-embedded").toString());
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    // Let %2F through as it was sent; without this Tomcat answers 400 to it.
    tomcat.getConnector().setEncodedSolidusHandling("passthrough");
    Context application = tomcat.addContext("", null);
    application.addServletContainerInitializer((classes, context) -> gateway.guard(context), null);
    Tomcat.addServlet(application, "application", servlet).setAsyncSupported(true);
    application.addServletMappingDecoded("/*", "application");
    tomcat.start();
    return tomcat;
  }

  /** Says who used what. */
  private static final class Printer implements Observer {
    @Override
    public void completed(Passage passage, Outcome outcome) {
      String user = passage.subject().map(subject -> subject.user()).orElse("nobody");
      System.out.println(user + ": " + outcome.status() + ", " + outcome.responseBytes() + " bytes");
    }
  }
}

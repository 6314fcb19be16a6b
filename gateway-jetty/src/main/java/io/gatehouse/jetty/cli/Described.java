package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that describe a request about which the gateway is asked. */
final class Described {

  @Option(names = "--method", paramLabel = "METHOD", description = "The method of the request; GET unless said.")
  private @Nullable String method;

  @Option(names = "--target", paramLabel = "PATH", description = "The path of the request, / unless said: /img/a.png?w=300.")
  private @Nullable String target;

  @Option(names = "--address", paramLabel = "ADDRESS", description = "The address of the client; who asks, unless said.")
  private @Nullable String address;

  @Option(names = "--host", paramLabel = "HOST", description = "The host that the request is for.")
  private @Nullable String host;

  Ask addTo(Ask ask) {
    return ask.query("method", method).query("target", target).query("address", address).query("host", host);
  }

  void addTo(ObjectNode document) {
    put(document, "method", method);
    put(document, "target", target);
    put(document, "address", address);
    put(document, "host", host);
  }

  private static void put(ObjectNode document, String name, @Nullable String value) {
    if (value != null) {
      document.put(name, value);
    }
  }
}

package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.console.ConsoleServlet;
import io.gatehouse.jetty.demo.Demo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a gateway to try, and prints what to try. */
@Command(
    name = "demo",
    description = {
      "Runs a gateway with two sample image backends, a user and a key, and prints the lines to try.",
      "It has its own settings, and deletes its data when it stops."
    })
final class DemoCommand implements Callable<Integer> {

  private static final int USUAL_PORT = 8080;
  private static final String PORT_HELP = "choose another one: --port N, or 0 for any";

  private final RootCommand root;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The port; " + USUAL_PORT + ", or a free one if that is taken, unless said.")
  private @Nullable Integer port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "The address to listen on; ${DEFAULT-VALUE} unless said.")
  private String host = "127.0.0.1";

  @Option(names = "--data", paramLabel = "DIR", description = "Keeps the data there.")
  private @Nullable Path data;

  @Spec private CommandSpec spec;

  DemoCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (root.fileNamed()) {
      throw new ParameterException(spec.commandLine(), "the demo has settings of its own: leave out --config");
    }
    if (port != null && (port < 0 || port > 65535)) {
      throw new ParameterException(spec.commandLine(), "--port: " + port + " (expected: 0 to 65535)");
    }
    Stop.after(
        this::start,
        demo -> {
          boolean moved = port == null && demo.uri().getPort() != USUAL_PORT;
          root.answer(
              text(demo), moved ? "Port " + USUAL_PORT + " is taken; this is a free one." : "", json(demo));
          demo.join();
        },
        Demo::close);
    return Exit.OK;
  }

  private Demo start() {
    int wanted = port == null ? USUAL_PORT : port;
    try {
      return start(wanted);
    } catch (IOException e) {
      if (port != null || NotStarted.bind(e).isEmpty()) {
        throw NotStarted.because(e, wanted, PORT_HELP);
      }
    }
    try {
      return start(0);
    } catch (IOException e) {
      throw NotStarted.because(e, 0, PORT_HELP);
    }
  }

  private Demo start(int wanted) throws IOException {
    return Demo.start(host, wanted, Optional.ofNullable(data).map(root.surroundings().workingDirectory()::resolve));
  }

  private static String text(Demo demo) {
    StringBuilder text = new StringBuilder();
    text.append("\nThe demo runs at ").append(demo.uri()).append("/ with two image backends, weights 70 and 30.\n");
    text.append("The console: ").append(demo.uri()).append(ConsoleServlet.ROOT)
        .append(", with the administrator's token ").append(demo.adminToken()).append('\n');
    text.append("Pictures with signed URLs, to open in a browser: ").append(demo.page()).append('\n');
    for (Demo.Step step : demo.steps()) {
      text.append("\n# ").append(step.title()).append('\n').append(step.command()).append('\n');
    }
    return text.append("\nPictures: sunset.jpg, city.jpg, portrait.jpg. Ctrl-C stops the demo.\n\n").toString();
  }

  private static ObjectNode json(Demo demo) {
    ObjectNode json =
        Answers.json()
            .put("proxy", demo.uri() + "/")
            .put("console", demo.uri() + ConsoleServlet.ROOT)
            .put("page", demo.page().toString())
            .put("key", demo.key())
            .put("admin_token", demo.adminToken());
    ArrayNode steps = json.putArray("try");
    demo.steps().forEach(step -> steps.addObject().put("title", step.title()).put("command", step.command()));
    return json;
  }
}

package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;

/** Whose token is used. */
@Command(name = "whoami", description = "Says as whom commands are carried out, and with which role.")
final class WhoamiCommand implements Runnable {

  private final RootCommand root;

  WhoamiCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    root.ask(api -> {
      ObjectNode me = api.ask(Ask.get("me"));
      String tenant = me.path("tenant").isTextual() ? " of " + me.path("tenant").asText() : "";
      root.answer(
          me.path("name").asText() + ", " + me.path("role").asText() + tenant + System.lineSeparator(), "", me);
    });
  }
}

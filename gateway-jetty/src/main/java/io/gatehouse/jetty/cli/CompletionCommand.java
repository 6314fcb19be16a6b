package io.gatehouse.jetty.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a script with which a shell completes the commands. */
@Command(
    name = "generate-completion",
    description = "Prints a script for bash and zsh: source <(gatehouse generate-completion)")
final class CompletionCommand implements Runnable {

  private final RootCommand root;

  @Spec private CommandSpec spec;

  CompletionCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    String script = AutoComplete.bash("gatehouse", spec.root().commandLine());
    root.answer(script, "", Answers.json().put("script", script));
  }
}

package io.gatehouse.jetty.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints a script with which a shell completes the commands. */
@Command(
    name = "generate-completion",
    description = {
      "Prints a script with which a shell completes the commands.",
      "bash and zsh: source <(gatehouse generate-completion). fish: gatehouse generate-completion --shell fish | source"
    })
final class CompletionCommand implements Runnable {

  private final RootCommand root;

  @Spec private CommandSpec spec;

  /** What completes. */
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  @Option(
      names = "--shell",
      paramLabel = "SHELL",
      defaultValue = "bash",
      description = "bash, zsh (the same script) or fish; ${DEFAULT-VALUE} unless said.")
  private Shell shell = Shell.BASH;

  CompletionCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    CommandLine commands = spec.root().commandLine();
    String script = shell == Shell.FISH ? FishCompletion.of(commands) : AutoComplete.bash("gatehouse", commands);
    root.answer(script, "", Answers.json().put("script", script));
  }
}

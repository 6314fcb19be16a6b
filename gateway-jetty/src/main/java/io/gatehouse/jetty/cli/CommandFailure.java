package io.gatehouse.jetty.cli;

/** Ends a command with an exit code and a message for people, without a stack trace. */
final class CommandFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exit;
  private final String help;

  /**
   * A failure.
   *
   * @param exit one of {@link Exit}
   * @param help what to do about it; may be empty
   */
  CommandFailure(int exit, String message, String help, Throwable cause) {
    super(message, cause);
    this.exit = exit;
    this.help = help;
  }

  CommandFailure(String message, String help) {
    super(message);
    this.exit = Exit.FAILED;
    this.help = help;
  }

  int exit() {
    return exit;
  }

  String help() {
    return help;
  }
}

package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;

/** Ends a command with an exit code and a message for people, without a stack trace. */
class CommandFailure extends RuntimeException {

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

  CommandFailure(int exit, String message, String help) {
    super(message);
    this.exit = exit;
    this.help = help;
  }

  CommandFailure(String message, String help) {
    this(Exit.FAILED, message, help);
  }

  /** For what is not there. */
  static CommandFailure missing(String message, String help) {
    return new CommandFailure(Exit.NOT_FOUND, message, help);
  }

  int exit() {
    return exit;
  }

  String help() {
    return help;
  }

  /** What is wrong with which field, for scripts; may be empty. */
  ArrayNode errors() {
    return Answers.json().arrayNode();
  }
}

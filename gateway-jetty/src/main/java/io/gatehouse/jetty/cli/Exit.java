package io.gatehouse.jetty.cli;

import io.gatehouse.core.settings.SettingsException;

/** The exit codes; those above 2 are of BSD's sysexits.h. */
final class Exit {

  /** It worked. */
  static final int OK = 0;

  /** It could not be done: there is no such user, the name is taken. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** The database cannot be used, or the port is taken: EX_UNAVAILABLE. */
  static final int UNAVAILABLE = 69;

  /** The settings are wrong: EX_CONFIG. */
  static final int SETTINGS = SettingsException.EXIT_STATUS;

  private Exit() {}
}

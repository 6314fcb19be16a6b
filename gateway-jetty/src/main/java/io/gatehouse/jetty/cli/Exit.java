package io.gatehouse.jetty.cli;

import io.gatehouse.core.settings.SettingsException;

/** The exit codes; those above 2 are of BSD's sysexits.h. */
final class Exit {

  /** It worked. */
  static final int OK = 0;

  /** It could not be done: the input is wrong, a file cannot be read. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** There is no such user, key, plan: EX_NOINPUT. */
  static final int NOT_FOUND = 66;

  /** The gateway, the database or the data directory cannot be used, or the port is taken: EX_UNAVAILABLE. */
  static final int UNAVAILABLE = 69;

  /** Something is in the way: the name is taken, the plan is in use, somebody else was faster: EX_CANTCREAT. */
  static final int CONFLICT = 73;

  /** The token is not known, or its role may not do this: EX_NOPERM. */
  static final int FORBIDDEN = 77;

  /** The settings are wrong: EX_CONFIG. */
  static final int SETTINGS = SettingsException.EXIT_STATUS;

  private Exit() {}
}
